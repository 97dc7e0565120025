import type { CloseApprovalInput } from '../close-approval/contract';
import type { EndRunInput, EndRunOutput } from '../end-run/contract';
import type { ExecutionStatus } from '../shared/execution-status';
import { logger } from '../shared/logger';
import { plainText } from '../shared/plain-text';
import { hasLiveWorker, type RunRecord } from '../shared/run-record';
import type { RunStore } from '../shared/run-store';
import type { ReconcileRunInput } from './contract';

interface Deps {
  readonly runs: RunStore;
  readonly executionStatus: (executionArn: string) => Promise<ExecutionStatus>;
  readonly stopCause: (executionArn: string) => Promise<string | null>;
  readonly closeApproval: (input: CloseApprovalInput) => Promise<void>;
  readonly endRun: (input: EndRunInput) => Promise<EndRunOutput>;
  readonly notify: (end: EndRunOutput) => Promise<void>;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

const reasons: Record<Exclude<ExecutionStatus, 'RUNNING' | 'PENDING_REDRIVE'>, EndRunInput['error']> = {
  ABORTED: {
    name: 'RunStoppedError',
    message: 'The run was stopped. What had been applied before stays; start again to continue.',
  },
  TIMED_OUT: {
    name: 'RunTimedOutError',
    message: 'The run took longer than its workflow allows and was ended.',
  },
  FAILED: {
    name: 'RunBrokeError',
    message: 'The run failed and could not record why itself; see the execution history.',
  },
  SUCCEEDED: {
    name: 'RunBrokeError',
    message: 'The run ended without recording its outcome; see the execution history.',
  },
  GONE: {
    name: 'RunLostError',
    message: 'The execution of this run is gone. Look at the state of its workspace, then start again.',
  },
};

/** A stop says who and why, as far as they said so. */
const stoppedBecause = (cause: string | null): EndRunInput['error'] =>
  cause === null
    ? reasons.ABORTED
    : {
        name: 'RunStoppedError',
        message: `The run was stopped (${plainText(cause, 1000).replace(/\.$/, '')}). What had been applied before stays; start again to continue.`,
      };

/** How long one call waits for a worker to stop its tool; a sweep takes over afterwards. */
const workerGraceMs = 60_000;

/**
 * Ends what ended without recording it: a run stopped in the console or past its time runs no catch.
 * Its worker is told to stop (it watches the run's status), its approval is voided, the end is recorded and
 * notified, and the workspace is given back once no worker reports any more. Who recorded an end may have died
 * before the rest of it: while a run is open, its end is repeated, which completes ledger and lease.
 */
export const makeReconcileRun = (deps: Deps) => {
  const workerGone = async (runId: string): Promise<RunRecord | undefined> => {
    const until = deps.now().getTime() + workerGraceMs;
    for (;;) {
      const run = await deps.runs.get(runId);
      if (!run || !hasLiveWorker(run, deps.now()) || deps.now().getTime() >= until) return run;
      await deps.sleep(500);
    }
  };

  const end = async (run: RunRecord, status: ExecutionStatus): Promise<boolean> => {
    if (status === 'RUNNING' || status === 'PENDING_REDRIVE') return false;
    await deps.runs.markStopping(run.runId);
    const quiet = (await workerGone(run.runId)) ?? run;
    if (quiet.status === 'ended' && (run.status !== 'ended' || quiet.open === undefined)) return false;
    if (quiet.status !== 'ended' && quiet.change && quiet.workspace !== undefined)
      await deps.closeApproval({
        run: { runId: quiet.runId, workspace: quiet.workspace, traceparent: quiet.traceparent },
        change: quiet.change,
        as: 'voided',
      });
    const recorded = await deps.endRun({
      runId: quiet.runId,
      executionArn: quiet.executionArn,
      outcome: 'failed',
      summary: null,
      decision: null,
      compliance: null,
      error:
        status === 'ABORTED' ? stoppedBecause(await deps.stopCause(quiet.executionArn)) : reasons[status],
    });
    // A run that its worker outlived was told about when it ended; only its workspace was left to give back.
    if (run.status === 'ended' && run.worker) return false;
    await deps.notify(recorded);
    return true;
  };

  return async (input: ReconcileRunInput): Promise<{ reconciled: string[] }> => {
    if ('detail' in input) {
      const { name, executionArn, status } = input.detail;
      const run = await deps.runs.get(name);
      const mine = run?.executionArn === executionArn;
      return { reconciled: run && mine && (await end(run, status)) ? [name] : [] };
    }
    const reconciled: string[] = [];
    for (const run of await deps.runs.listOpen()) {
      try {
        if (await end(run, await deps.executionStatus(run.executionArn))) reconciled.push(run.runId);
      } catch (error) {
        logger.error(`run ${run.runId} could not be reconciled; the next sweep tries again`, error as Error);
      }
    }
    return { reconciled };
  };
};
