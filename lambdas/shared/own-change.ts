import type { Change } from './change';
import type { RunRef } from './contract';
import { ForeignChangeError } from './errors';

/**
 * Refuses a change that was bound for another run or workspace.
 *
 * @throws ForeignChangeError
 */
export const requireOwn = (change: Pick<Change, 'id' | 'runId' | 'workspace'>, run: RunRef): void => {
  if (change.runId !== run.runId || change.workspace !== run.workspace)
    throw new ForeignChangeError(
      `Change ${change.id} belongs to run ${change.runId} of ${change.workspace}, not to ${run.runId} of ${run.workspace}. Nothing was done. Have this run's own change approved.`,
    );
};
