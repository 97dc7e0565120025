import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { BenchPlatform } from './bench-platform';
import { median } from './statistics';
import type { WholeRuns } from './whole-run';

/** The phases of the change engine, those of the bare tool first. */
export const enginePhases = ['init', 'validate', 'plan', 'show', 'apply', 'output'] as const;
type Phase = (typeof enginePhases)[number];
type Seconds = Readonly<Record<Phase, number>>;

export interface EngineOverhead {
  /** In OpenTofu, by its command; medians of all measured runs. */
  readonly ours: Seconds;
  /** In other commands of OpenTofu that the bare tool needs none of. */
  readonly checks: number;
  /** In no tool: policy, redaction, hashing, uploads, the workflow's own steps. */
  readonly rest: number;
  readonly bare: Seconds;
  /** Of the stages that plan and apply, above the script's. */
  readonly above: number;
}

/** The seconds that each command of OpenTofu took, by a worker's log. */
export const toolSeconds = (log: string): ReadonlyMap<string, number> => {
  const spent = new Map<string, number>();
  for (const [, command = '', seconds] of log.matchAll(/^# tofu (\S+) took ([\d.]+) s$/gm))
    spent.set(command, (spent.get(command) ?? 0) + Number(seconds));
  return spent;
};

/** The stages of the plain script that do what the states "Plan change" and "Apply change" do. */
export const plainStages = {
  plan: ['init', 'validate', 'plan', 'show'],
  apply: ['apply', 'output', 'hosts'],
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** What the engine adds to the bare tool, from the runs that were measured as a whole. */
export const measureEngine = async (bench: BenchPlatform, runs: WholeRuns): Promise<EngineOverhead> => {
  const s3 = new S3Client({
    endpoint: bench.platform.gatewayUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    forcePathStyle: true,
  });
  const logOf = async (runId: string, task: string): Promise<string> => {
    const { Body } = await s3.send(
      new GetObjectCommand({ Bucket: bench.outputs.artifactsBucket, Key: `runs/${runId}/logs/${task}.log` }),
    );
    return (await Body?.transformToString()) ?? '';
  };
  const spent = await Promise.all(
    runs.runIds.map(async (runId) =>
      toolSeconds(
        (await Promise.all(['terraform-plan', 'terraform-apply'].map((task) => logOf(runId, task)))).join(
          '\n',
        ),
      ),
    ),
  );
  s3.destroy();
  const inPhase = (name: string): number => median(spent.map((each) => each.get(name) ?? 0));
  // The plan is shown for the page, and once more before it is applied.
  const others = [...new Set(spent.flatMap((each) => [...each.keys()]))].filter(
    (name) => !enginePhases.some((phase) => phase === name),
  );
  const byPhase = (of: (phase: Phase) => number) =>
    Object.fromEntries(enginePhases.map((phase) => [phase, of(phase)])) as Record<Phase, number>;
  const ours = byPhase(inPhase);
  const bare = byPhase((phase) => runs.plain.stages[phase] ?? 0);
  const checks = sum(others.map(inPhase));
  const stages = sum(['Plan change', 'Apply change'].map((name) => runs.workflow.stages[name] ?? 0));
  const hosts = runs.plain.stages.hosts ?? 0;
  return {
    ours,
    bare,
    checks,
    rest: stages - hosts - sum(Object.values(ours)) - checks,
    above: stages - hosts - sum(Object.values(bare)),
  };
};
