import { reportOf } from '../../cli/run-report';
import { startRun } from '../../cli/start-run';
import { watchRun } from '../../cli/watch-run';
import { exampleInput } from '../../cli/workflow-definitions';
import { variables as variablesSchema } from '../../lambdas/shared/contract';
import { readApprovalLinks } from '../../local/approval-links';
import { decideOverHttp } from '../../local/approve-client';
import type { BenchPlatform } from './bench-platform';
import { plainRun, removeHosts, type TimedRun } from './plain-run';
import { median } from './statistics';

export interface WholeRuns {
  readonly rounds: number;
  readonly workflow: TimedRun;
  readonly plain: TimedRun;
  /** Of the medians. */
  readonly ratio: number;
  /** Every run, in seconds, in the order of the rounds. */
  readonly samples: { readonly workflow: readonly number[]; readonly plain: readonly number[] };
  /** The measured runs of the workflow. */
  readonly runIds: readonly string[];
}

/** As often as `npm start` looks: asking costs the machine that is measured. */
const pollMs = 150;

export interface ProvisioningRun extends TimedRun {
  readonly runId: string;
  readonly outcome: string;
}

/** Runs `vm-provisioning` on its example, in a workspace, approved as soon as somebody is asked. */
export const provision = async (bench: BenchPlatform, workspace: string): Promise<ProvisioningRun> => {
  const { stepFunctions, outputs, platform } = bench;
  const stateMachineArn = outputs.stateMachines['vm-provisioning'];
  if (!stateMachineArn) throw new Error('The workflow vm-provisioning is not deployed.');
  const example = exampleInput('vm-provisioning');
  const input = {
    ...example,
    workspace,
    variables: {
      ...variablesSchema.parse(example.variables),
      name: workspace.slice(workspace.indexOf('/') + 1),
    },
  };
  const began = performance.now();
  const run = await startRun(stepFunctions, { workflow: 'vm-provisioning', stateMachineArn, input });
  let asked = false;
  const ended = await watchRun(stepFunctions, run.executionArn, {
    intervalMs: pollMs,
    signal: bench.signal,
    onStages: async (stages) => {
      if (asked || !stages.some((stage) => stage.name === 'Wait for approval')) return;
      const [link] = await readApprovalLinks(platform.inboxUrl, run.runId);
      if (link === undefined) return;
      asked = true;
      await decideOverHttp(link, { decision: 'approve' });
    },
  });
  const seconds = (performance.now() - began) / 1000;
  if (ended.status !== 'SUCCEEDED')
    throw new Error(`The run ${run.runId} failed: ${ended.cause ?? ended.status}`);
  return {
    runId: run.runId,
    outcome: reportOf({ runId: run.runId, workflow: 'vm-provisioning', ended }).outcome,
    seconds,
    stages: Object.fromEntries(ended.stages.map((stage) => [stage.name, stage.seconds])),
  };
};

const plainJob = (name: string) => {
  const example = exampleInput('vm-provisioning');
  return {
    workspace: `bench/${name}`,
    module: String(example.module),
    variables: {
      ...variablesSchema.parse(example.variables),
      name,
      time_to_live_hours: Number(example.timeToLiveHours),
    },
    role: String(example.role),
    roleVariables: variablesSchema.parse(example.roleVariables),
  };
};

const medianRun = (runs: readonly TimedRun[]): TimedRun => ({
  seconds: median(runs.map(({ seconds }) => seconds)),
  stages: Object.fromEntries(
    Object.keys(runs[0]?.stages ?? {}).map((name) => [
      name,
      median(runs.map(({ stages }) => stages[name] ?? 0)),
    ]),
  ),
});

/** Runs workflow and plain script in turn, each on a fresh host, the first of a round alternating. */
export const measureWholeRuns = async (
  bench: BenchPlatform,
  { rounds, note }: { rounds: number; note: (text: string) => void },
): Promise<WholeRuns> => {
  const runs = { workflow: [] as ProvisioningRun[], plain: [] as TimedRun[] };
  // The first round starts every function and fills caches; it is not counted.
  for (let round = 0; round <= rounds; round++) {
    note(round === 0 ? 'warming up' : `round ${round} of ${rounds}`);
    const workflow = async () => {
      const name = `flow-${round}`;
      const run = await provision(bench, `bench/${name}`);
      await removeHosts(bench, `bench/${name}`);
      if (round > 0) runs.workflow.push(run);
    };
    const plain = async () => {
      const name = `plain-${round}`;
      const run = await plainRun(bench, plainJob(name));
      await removeHosts(bench, `bench/${name}`);
      if (round > 0) runs.plain.push(run);
    };
    for (const one of round % 2 === 0 ? [plain, workflow] : [workflow, plain]) await one();
  }
  const [workflow, plain] = [medianRun(runs.workflow), medianRun(runs.plain)];
  return {
    rounds,
    workflow,
    plain,
    ratio: workflow.seconds / plain.seconds,
    samples: {
      workflow: runs.workflow.map(({ seconds }) => seconds),
      plain: runs.plain.map(({ seconds }) => seconds),
    },
    runIds: runs.workflow.map(({ runId }) => runId),
  };
};
