import { type AuthorizationDeps, requireAuthorized } from '../shared/authorized-change';
import { type Decision, decidersOf, type RunRef } from '../shared/contract';
import { requireTimely } from '../shared/decided-approval';
import { LeaseLostError } from '../shared/errors';
import { type FreezeStore, requireUnfrozen } from '../shared/freeze-store';
import type { LeaseStore } from '../shared/lease-store';
import type { Ledger } from '../shared/ledger';
import { people } from '../shared/ledger-event';
import { tenantOf } from '../shared/names';
import type { AuthorizeChangeInput } from './contract';

interface Deps extends AuthorizationDeps {
  readonly leases: Pick<LeaseStore, 'find'>;
  readonly freezes: Pick<FreezeStore, 'find'>;
  readonly ledger: Ledger;
  readonly now: () => Date;
}

/**
 * What changes a workspace has its lease. A run that waited for days may have lost it to another, and a block that was
 * started alone never had it.
 */
const requireLease = async (leases: Deps['leases'], { runId, workspace }: RunRef): Promise<void> => {
  const lease = await leases.find(workspace);
  if (lease?.runId === runId) return;
  const holder = lease ? `run ${lease.runId} has it since ${lease.acquiredAt}` : 'nobody has it';
  throw new LeaseLostError(
    `Run ${runId} has no lease of ${workspace}: ${holder}. Nothing was done. Resume the run, which takes the lease first.`,
  );
};

/**
 * Lets a part of a change be carried out, and records that it did. The worker checks the same again on its own:
 * neither trusts what the workflow handed over.
 *
 * @throws ForeignChangeError | ChangeSupersededError | ContentDamagedError | ContentSwappedError | NotApprovedError | ApprovalExpiredError |
 *   RunStoppedError | LeaseLostError | WorkspaceFrozenError
 */
export const makeAuthorizeChange =
  (deps: Deps) =>
  async ({ run, change, part }: AuthorizeChangeInput): Promise<{ decision: Decision }> => {
    const { bound, decision } = await requireAuthorized(deps, run, change);
    await requireLease(deps.leases, run);
    if (part === 'apply') requireTimely(bound, deps.now());
    // A freeze must not keep a workspace half changed.
    if (part !== 'rollback') await requireUnfrozen(deps.freezes, run.workspace, deps.now());
    await deps.ledger.append({
      tenant: tenantOf(run.workspace),
      id: `${part}.authorized:${change.id}:${run.runId}`,
      type: `${part}.authorized`,
      runId: run.runId,
      actor: people(decidersOf(decision)),
      at: deps.now().toISOString(),
      traceparent: run.traceparent,
      data: { changeId: change.id, digest: change.digest, workspace: run.workspace },
    });
    return { decision };
  };
