import type { ChangeStore } from '../shared/change-store';
import type { Decision } from '../shared/contract';
import { type ReadDecision, requireApproval, requireTimely } from '../shared/decided-approval';
import { RunStoppedError } from '../shared/errors';
import { type FreezeStore, requireUnfrozen } from '../shared/freeze-store';
import type { Ledger } from '../shared/ledger';
import { tenantOf } from '../shared/names';
import { requireNewest, requireOwn } from '../shared/own-change';
import type { RunStore } from '../shared/run-store';
import type { WorkspaceStore } from '../shared/workspace-store';
import type { AuthorizeChangeInput } from './contract';

interface Deps {
  readonly readDecision: ReadDecision;
  readonly changes: Pick<ChangeStore, 'get'>;
  readonly runs: Pick<RunStore, 'get'>;
  readonly freezes: Pick<FreezeStore, 'find'>;
  readonly workspaces: Pick<WorkspaceStore, 'get'>;
  readonly ledger: Ledger;
  readonly now: () => Date;
}

/**
 * Lets a part of a change be carried out, and records that it did. The worker checks the same again on its own:
 * neither trusts what the workflow handed over.
 *
 * @throws ForeignChangeError | ChangeSupersededError | ContentDamagedError | ContentSwappedError | NotApprovedError | ApprovalExpiredError |
 *   RunStoppedError | WorkspaceFrozenError
 */
export const makeAuthorizeChange =
  (deps: Deps) =>
  async ({ run, change, part }: AuthorizeChangeInput): Promise<{ decision: Decision }> => {
    const bound = await deps.changes.get(change);
    const owner = await deps.runs.get(run.runId);
    requireOwn(bound, run, owner?.resumes?.changeId ?? null);
    requireNewest(bound, await deps.workspaces.get(run.workspace));
    const decision = requireApproval(change, await deps.readDecision(change.id));
    if (part === 'apply') requireTimely(bound, deps.now());
    if (owner && owner.status !== 'running')
      throw new RunStoppedError(
        `Run ${run.runId} has been stopped, so nothing more of its change is carried out.`,
      );
    await requireUnfrozen(deps.freezes, run.workspace, deps.now());
    await deps.ledger.append({
      tenant: tenantOf(run.workspace),
      id: `${part}.authorized:${change.id}:${run.runId}`,
      type: `${part}.authorized`,
      runId: run.runId,
      actor: decision.decidedBy ?? 'unknown',
      at: deps.now().toISOString(),
      traceparent: run.traceparent,
      data: { changeId: change.id, digest: change.digest, workspace: run.workspace },
    });
    return { decision };
  };
