import type { Change } from './change';
import type { RunRef } from './contract';
import { ChangeSupersededError, ForeignChangeError } from './errors';
import type { WorkspaceRecord } from './workspace-record';

/**
 * Refuses a change that was bound for another run or workspace, unless this run resumes that one: its own record
 * says then which change it may carry on.
 *
 * @throws ForeignChangeError
 */
export const requireOwn = (
  change: Pick<Change, 'id' | 'runId' | 'workspace'>,
  run: RunRef,
  mayCarryOn: string | null,
): void => {
  const own = change.runId === run.runId || change.id === mayCarryOn;
  if (!own || change.workspace !== run.workspace)
    throw new ForeignChangeError(
      `Change ${change.id} belongs to run ${change.runId} of ${change.workspace}, not to ${run.runId} of ${run.workspace}. Nothing was done. Have this run's own change approved.`,
    );
};

/**
 * Refuses a change that is not the last one that was bound in its workspace: a new plan voids older approvals.
 *
 * @throws ChangeSupersededError
 */
export const requireNewest = (
  change: Pick<Change, 'id' | 'workspace'>,
  workspace: Pick<WorkspaceRecord, 'newestChange'> | undefined,
): void => {
  const newest = workspace?.newestChange;
  if (newest !== undefined && newest.changeId !== change.id)
    throw new ChangeSupersededError(
      `Change ${change.id} is not carried out: ${change.workspace} was planned again in run ${newest.runId} at ${newest.at}, which voided its approval. Decide on change ${newest.changeId}.`,
    );
};
