import { type AuthorizationDeps, requireAuthorized } from '../shared/authorized-change';
import type { Decision } from '../shared/contract';
import { requireTimely } from '../shared/decided-approval';
import { type FreezeStore, requireUnfrozen } from '../shared/freeze-store';
import type { Ledger } from '../shared/ledger';
import { tenantOf } from '../shared/names';
import type { AuthorizeChangeInput } from './contract';

interface Deps extends AuthorizationDeps {
  readonly freezes: Pick<FreezeStore, 'find'>;
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
    const { bound, decision } = await requireAuthorized(deps, run, change);
    if (part === 'apply') requireTimely(bound, deps.now());
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
