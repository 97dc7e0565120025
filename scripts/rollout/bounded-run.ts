import { startRun } from '../../cli/start-run';
import type { JsonValue } from '../../lambdas/shared/ledger-event';
import { readApprovalLinks } from '../../local/approval-links';
import { decideOverHttp } from '../../local/approve-client';
import { platformClients, readRunRecord } from '../../local/platform-clients';
import { runWorkflow } from '../../local/run-workflow';
import type { BenchPlatform } from '../bench/bench-platform';

/** How a run ended, and how long each of its stages took. */
export interface EndedRun {
  readonly runId: string;
  readonly outcome: string;
  readonly error: string | null;
  readonly seconds: number;
  readonly stages: Readonly<Record<string, number>>;
}

export interface WantedRun {
  readonly workflow: string;
  readonly input: Readonly<Record<string, JsonValue>>;
  /** How it is to end: its outcome, or the code of its error. */
  readonly end: string;
  /** Called with the stage that it is at, whenever that is looked at. */
  readonly onStage?: (name: string) => void;
}

/** Far above what it takes, on a machine that may be busy. */
const mostSeconds = 900;

/**
 * Starts a run, approves it, and follows it to the end that is wanted of it.
 *
 * @throws Error when it ends otherwise, or not in time: with its id, and the stage that it is at.
 */
export const boundedRun = async (
  { stepFunctions, outputs, platform, signal }: BenchPlatform,
  { workflow, input, end, onStage }: WantedRun,
): Promise<EndedRun> => {
  const stateMachineArn = outputs.stateMachines[workflow];
  if (!stateMachineArn) throw new Error(`The workflow ${workflow} is not deployed.`);
  const { dynamoDb } = platformClients(platform.gatewayUrl);
  const startedAt = performance.now();
  const started = await startRun(stepFunctions, { workflow, stateMachineArn, input });
  const { runId } = started;
  const limit = AbortSignal.timeout(mostSeconds * 1000);
  let at = 'its start';
  const { outcome, error, stages } = await runWorkflow(
    {
      client: stepFunctions,
      approvalLinks: (id) => readApprovalLinks(platform.inboxUrl, id),
      decide: (link, decision) => decideOverHttp(link, { decision }),
      recordedEnd: async () => (await readRunRecord(dynamoDb, outputs.runsTable, runId))?.result,
      onStages: (known) => {
        at = known.at(-1)?.name ?? at;
        onStage?.(at);
      },
      onLink: () => undefined,
    },
    started,
    { workflow, decision: 'approve', signal: AbortSignal.any([signal, limit]) },
  ).catch((cause: unknown) => {
    if (!limit.aborted) throw cause;
    throw new Error(`${workflow} ${runId} has not ended within ${mostSeconds} s. It is at ${at}.`);
  });
  if ((error?.code ?? outcome) !== end)
    throw new Error(
      `${workflow} ${runId} was to end as ${end}, and ended as ${error ? `${error.code}: ${error.message}` : outcome}.`,
    );
  return {
    runId,
    outcome,
    error: error?.code ?? null,
    seconds: Math.round((performance.now() - startedAt) / 100) / 10,
    stages: Object.fromEntries(stages.map(({ name, seconds }) => [name, seconds])),
  };
};
