import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeExecutionCommand, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { executionArnOf } from '../../cli/start-run';
import { DecisionNotTakenError, decideOverHttp } from '../../local/approve-client';
import type { FaultPlatform } from './fault-platform';
import type { FaultedRun, FaultJudge } from './faulted-run';

/** Far above what the slowest run takes, with all its repetitions. */
const endWithinMs = 300_000;
const lookEveryMs = 400;

export interface RunInput {
  readonly [name: string]: unknown;
  readonly workspace: string;
}

export type ExecutionEnd = 'SUCCEEDED' | 'FAILED' | 'ABORTED' | 'TIMED_OUT' | 'never';

/** Answers like people who try again when the page does not answer; whether nobody else has to. */
const decide = async (run: FaultedRun, answered: Set<string>): Promise<boolean> => {
  for (const link of run.links) {
    if (answered.has(link)) continue;
    try {
      const { status } = await decideOverHttp(link, { decision: run.schedule.decision });
      answered.add(link);
      if (status !== 'pending') return true;
    } catch (error) {
      if (!(error instanceof DecisionNotTakenError || (error as Error).name === 'TimeoutError')) throw error;
    }
  }
  return false;
};

/** Takes one run from its start to the end of its execution, while its schedule happens to it. */
export const driveRun = async (
  platform: FaultPlatform,
  judge: FaultJudge,
  run: FaultedRun,
  input: RunInput,
): Promise<ExecutionEnd> => {
  const { stepFunctions, bench } = platform;
  const stateMachineArn = bench.outputs.stateMachines['vm-provisioning'] ?? '';
  const executionArn = executionArnOf(stateMachineArn, run.runId);
  const status = async () =>
    (await stepFunctions.send(new DescribeExecutionCommand({ executionArn }))).status ?? 'RUNNING';
  const stop = async (cause: string) => {
    await stepFunctions.send(new StopExecutionCommand({ executionArn, cause }));
  };

  judge.follow(run);
  try {
    await stepFunctions.send(
      new StartExecutionCommand({ stateMachineArn, name: run.runId, input: JSON.stringify(input) }),
    );
    const began = Date.now();
    const stopping = run.schedule.faults.find((fault) => fault.kind === 'stop');
    let stopped = false;
    const answered = new Set<string>();
    let decided = false;
    for (;;) {
      const now = await status();
      if (now !== 'RUNNING') return now as ExecutionEnd;
      const spent = Date.now() - began;
      const due = stopping && ('at' in stopping ? run.stopDue : spent >= stopping.afterMs);
      if (due && !stopped) {
        stopped = true;
        run.happened.push(stopping);
        await stop('The fault suite stops it.');
      }
      if (spent > endWithinMs) {
        await stop('The fault suite has waited long enough.');
        return 'never';
      }
      if (!decided) decided = await decide(run, answered);
      bench.signal.throwIfAborted();
      await sleep(lookEveryMs);
    }
  } finally {
    await judge.release(run);
  }
};
