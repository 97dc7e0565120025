import { userInfo } from 'node:os';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import {
  DescribeExecutionCommand,
  ExecutionDoesNotExist,
  type SFNClient,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { InvalidInputError } from '../lambdas/shared/errors';
import type { JsonValue } from '../lambdas/shared/ledger-event';
import { runId as runIdShape } from '../lambdas/shared/names';
import { plainText } from '../lambdas/shared/plain-text';
import { prepareInput } from './check-input';
import { type DeployedOutputs, requireOutputs } from './deployed-outputs';
import { readInput } from './read-input';
import { type RunReport, reportOf } from './run-report';
import type { Stage } from './run-stages';
import { executionArnOf, type StartedRun, startRun } from './start-run';
import { typedPath } from './typed-path';
import { readRun, watchRun } from './watch-run';
import { assertKnown } from './workflow-definitions';

export interface OrchestratorDeps {
  readonly stepFunctions: SFNClient;
  readonly cloudFormation: CloudFormationClient;
  readonly environment: string;
}

/** A run that has not ended, as far as it came. */
export interface RunningReport {
  readonly runId: string;
  readonly workflow: string;
  readonly outcome: null;
  readonly stages: readonly Stage[];
}

type Input = Readonly<Record<string, JsonValue>>;

interface StartCall {
  readonly workflow: string;
  readonly input: string;
  readonly key: string | null;
}

/** Nobody waits for a poll on AWS, and history calls are limited per account. */
const intervalMs = 2000;

/**
 * Starts a run.
 *
 * @throws InvalidInputError when the workflow, the input or the key does not fit; nothing was started.
 */
export const start = async (deps: OrchestratorDeps, call: StartCall): Promise<StartedRun> => {
  assertKnown(call.workflow);
  return startInput(deps, { ...call, input: await readInput(typedPath(call.input)) });
};

/** Starts a run with an input that was read, as {@link start} does. */
export const startInput = async (
  deps: OrchestratorDeps,
  call: { readonly workflow: string; readonly input: Input; readonly key: string | null },
): Promise<StartedRun> => {
  const { workflow } = call;
  const key = call.key ?? undefined;
  const input = prepareInput(workflow, call.input, key);
  const stateMachineArn = await machineOf(deps, workflow);
  return startRun(deps.stepFunctions, {
    workflow,
    stateMachineArn,
    input,
    ...(key === undefined ? {} : { key }),
  });
};

/** Follows a run to its end. Aborting the signal ends the following, not the run. */
export const follow = async (
  deps: OrchestratorDeps,
  { runId, executionArn, workflow }: StartedRun & { readonly workflow: string },
  onStages: (stages: readonly Stage[]) => void,
  signal: AbortSignal,
): Promise<RunReport> => {
  const ended = await watchRun(deps.stepFunctions, executionArn, { intervalMs, onStages, signal });
  return reportOf({ runId, workflow, ended });
};

/** How a run stands, or how it ended. */
export const status = async (deps: OrchestratorDeps, run: string): Promise<RunReport | RunningReport> => {
  const { workflow, executionArn } = await findRun(deps, run);
  const { stages, ended } = await readRun(deps.stepFunctions, executionArn);
  return ended ? reportOf({ runId: run, workflow, ended }) : { runId: run, workflow, outcome: null, stages };
};

/** A resumed run waits for its workspace as the failed one did. */
const resumeInputOf = (run: string, failed: Readonly<Record<string, JsonValue>>) => {
  const { workspace = null, whenBusy, waitTimeoutSeconds } = failed;
  return {
    workspace,
    resume: run,
    ...(whenBusy !== undefined && { whenBusy }),
    ...(waitTimeoutSeconds !== undefined && { waitTimeoutSeconds }),
  };
};

/** Starts a run that continues one that failed, under a name of its own. */
export const resume = async (
  deps: OrchestratorDeps,
  run: string,
): Promise<StartedRun & { workflow: string }> => {
  const { workflow, stateMachineArn, running, input } = await findRun(deps, run);
  if (running)
    throw new InvalidInputError(`The run ${run} has not ended. Wait for its end, or stop it first.`);
  const again = prepareInput(workflow, resumeInputOf(run, JSON.parse(input)));
  return { ...(await startRun(deps.stepFunctions, { workflow, stateMachineArn, input: again })), workflow };
};

/** Freezes, or ends a freeze; returns once it is recorded. */
export const setFreeze = async (
  deps: OrchestratorDeps,
  {
    command,
    scope,
    reason,
    until,
  }: { command: 'freeze' | 'unfreeze'; scope: string; reason: string; until: string | null },
): Promise<RunReport> => {
  const workflow = 'set-freeze';
  const stateMachineArn = await machineOf(deps, workflow);
  const input = { action: command, scope, reason, until, by: userInfo().username };
  const run = await startRun(deps.stepFunctions, { workflow, stateMachineArn, input });
  const end = { intervalMs, onStages: () => undefined, signal: new AbortController().signal };
  const ended = await watchRun(deps.stepFunctions, run.executionArn, end);
  return reportOf({ runId: run.runId, workflow, ended });
};

/** Stops a run. Its end is recorded and notified as any other. */
export const stop = async (deps: OrchestratorDeps, run: string, reason: string): Promise<void> => {
  const { executionArn, running } = await findRun(deps, run);
  if (!running) throw new InvalidInputError(`The run ${run} has ended already.`);
  await deps.stepFunctions.send(
    new StopExecutionCommand({
      executionArn,
      error: 'RunStoppedError',
      cause: plainText(`${reason}, by ${userInfo().username}`, 1000),
    }),
  );
};

/** A run's id is its execution's name, in whichever workflow it was started. */
const findRun = async (deps: OrchestratorDeps, run: string) => {
  if (!runIdShape.safeParse(run).success)
    throw new InvalidInputError(`"${plainText(run, 80)}" is no run id: letters, digits, "-" and "_".`);
  for (const [workflow, machine] of Object.entries(await machinesOf(deps))) {
    const executionArn = executionArnOf(machine, run);
    try {
      const found = await deps.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
      return {
        workflow,
        stateMachineArn: machine,
        executionArn,
        running: found.status === 'RUNNING',
        input: found.input ?? '{}',
      };
    } catch (error) {
      if (!(error instanceof ExecutionDoesNotExist)) throw error;
    }
  }
  throw new InvalidInputError(`The environment ${deps.environment} has no run ${run}.`);
};

const machineOf = async (deps: OrchestratorDeps, workflow: string): Promise<string> => {
  const machine = (await machinesOf(deps))[workflow];
  if (!machine)
    throw new InvalidInputError(`The environment ${deps.environment} has no workflow ${workflow}.`);
  return machine;
};

const machinesOf = async (deps: OrchestratorDeps): Promise<DeployedOutputs['stateMachines']> =>
  (await requireOutputs(deps.cloudFormation, deps.environment)).stateMachines;
