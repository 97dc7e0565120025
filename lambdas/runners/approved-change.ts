import type { Change } from '../shared/change';
import type { ChangeRef, RunRef } from '../shared/contract';
import { requireApproval } from '../shared/decided-approval';
import { ChangeMismatchError } from '../shared/errors';
import { requireNewest, requireOwn } from '../shared/own-change';
import type { RunnerDeps } from './runner';

/**
 * The change behind a reference, once it is certain that it belongs to this run and that it was approved.
 *
 * @throws ForeignChangeError | ChangeSupersededError | ContentDamagedError | ContentSwappedError | NotApprovedError | ApprovalExpiredError
 */
export const readApprovedChange = async (
  deps: Pick<RunnerDeps, 'changes' | 'readDecision' | 'workspaces'>,
  run: RunRef,
  ref: ChangeRef,
  mayCarryOn: string | null,
): Promise<Change> => {
  const [change, decided, workspace] = await Promise.all([
    deps.changes.get(ref),
    deps.readDecision(ref.id),
    deps.workspaces.get(run.workspace),
  ]);
  requireOwn(change, run, mayCarryOn);
  requireNewest(change, workspace);
  requireApproval(ref, decided);
  return change;
};

/** Refuses when something is not what was approved. */
export const requireSame = (what: string, changeId: string, approved: string, found: string): void => {
  if (approved !== found)
    throw new ChangeMismatchError(
      `Change ${changeId} was not carried out: ${what} changed after it was approved. Start a new run and have its change approved.`,
    );
};
