import type { Change } from './change';
import type { ChangeStore } from './change-store';
import type { ChangeRef, Decision, RunRef } from './contract';
import { type ReadDecision, requireApproval } from './decided-approval';
import { RunStoppedError } from './errors';
import { requireNewest, requireOwn } from './own-change';
import type { RunStore } from './run-store';
import type { WorkspaceStore } from './workspace-store';

export interface AuthorizationDeps {
  readonly readDecision: ReadDecision;
  readonly changes: Pick<ChangeStore, 'get'>;
  readonly runs: Pick<RunStore, 'get'>;
  readonly workspaces: Pick<WorkspaceStore, 'get'>;
}

/**
 * Exactly this change and its approval: it belongs to this run, or to the one that this run resumes; the run has not been
 * stopped, and no newer plan of the workspace took its place.
 *
 * @throws NotApprovedError, ForeignChangeError, ChangeSupersededError, RunStoppedError
 */
export const requireAuthorized = async (
  deps: AuthorizationDeps,
  run: RunRef,
  change: ChangeRef,
): Promise<{ bound: Change; decision: Decision }> => {
  const bound = await deps.changes.get(change);
  const owner = await deps.runs.get(run.runId);
  requireOwn(bound, run, owner?.resumes?.changeId ?? null);
  requireNewest(bound, await deps.workspaces.get(run.workspace));
  const decision = requireApproval(change, await deps.readDecision(change.id));
  if (owner && owner.status !== 'running')
    throw new RunStoppedError(
      `Run ${run.runId} has been stopped, so nothing more of its change is carried out.`,
    );
  return { bound, decision };
};
