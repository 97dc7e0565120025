import { type AuthorizationDeps, requireAuthorized } from '../shared/authorized-change';
import { decidersOf } from '../shared/contract';
import { ForeignChangeError, InvalidInputError, RunStoppedError, WorkspaceBusyError } from '../shared/errors';
import type { Ledger } from '../shared/ledger';
import { type Actor, people } from '../shared/ledger-event';
import { tenantOf } from '../shared/names';
import type { BrokerInput, IssuedCredentials, TemporaryCredentials } from './contract';
import type { LendingTarget } from './env';
import { type Session, sessionFor, type TargetSession, targetSessionFor } from './session';
import { targetOf } from './target';

interface Deps extends AuthorizationDeps {
  /** What this deployment lends. */
  readonly purpose: BrokerInput['purpose'];
  readonly stateBucketArn: string;
  readonly leases: { find(workspace: string): Promise<{ readonly runId: string } | undefined> };
  readonly targets: readonly LendingTarget[];
  readonly assumeRole: (session: Session) => Promise<TemporaryCredentials>;
  /** Of an account in which a tenant's infrastructure stands. */
  readonly assumeTarget: (session: TargetSession) => Promise<TemporaryCredentials>;
  readonly ledger: Ledger;
  readonly now: () => Date;
}

/**
 * Lends a worker the identity that it plans or applies with: of one workspace, for an hour, on the record.
 *
 * To apply, this very change must have been approved, and its run must run and hold the workspace. A worker asks
 * again while it works, so that what was true at the start must still be true an hour later. Where the infrastructure
 * of the workspace stands in another account, what is lent for the state reaches nothing but the state.
 *
 * @throws TargetMissingError, NotApprovedError, ForeignChangeError, ChangeSupersededError, RunStoppedError, WorkspaceBusyError
 */
export const makeBrokerCredentials = (deps: Deps) => {
  /** Who answers for it: the approver, or the run itself where nothing is changed. */
  const authorize = async (input: BrokerInput): Promise<Actor> => {
    const { run } = input;
    // Not whether the approval is still timely: an apply that began in time may take longer.
    const authorized =
      input.purpose === 'apply' ? await requireAuthorized(deps, run, input.change) : undefined;
    const owner = await deps.runs.get(run.runId);
    if (owner?.status !== 'running' && (owner !== undefined || input.purpose === 'apply'))
      throw new RunStoppedError(
        `Run ${run.runId} does not run, so nobody gets credentials for ${run.workspace} in its name.`,
      );
    if (owner?.workspace !== undefined && owner.workspace !== run.workspace)
      throw new ForeignChangeError(
        `Run ${run.runId} works on ${owner.workspace}: it gets no credentials for ${run.workspace}.`,
      );
    if (authorized === undefined) return `run:${run.runId}`;
    const holder = await deps.leases.find(run.workspace);
    if (holder?.runId !== run.runId)
      throw new WorkspaceBusyError(
        `Run ${run.runId} does not hold ${run.workspace}${holder ? `: run ${holder.runId} does` : ''}. Nothing was applied. Start a new run.`,
      );
    return people(decidersOf(authorized.decision));
  };

  return async (input: BrokerInput): Promise<IssuedCredentials> => {
    if (input.purpose !== deps.purpose)
      throw new InvalidInputError(`This broker lends what is needed to ${deps.purpose}, nothing else.`);
    const actor = await authorize(input);
    const { run } = input;
    const role = targetOf(deps.targets, run.workspace);
    const session = sessionFor(input, deps.stateBucketArn, role !== null);
    const [issued, target] = await Promise.all([
      deps.assumeRole(session),
      role === null ? undefined : deps.assumeTarget(targetSessionFor(input, role)),
    ]);
    await deps.ledger.append({
      tenant: tenantOf(run.workspace),
      id: `credentials.issued:${issued.accessKeyId}`,
      type: 'credentials.issued',
      runId: run.runId,
      actor,
      at: deps.now().toISOString(),
      traceparent: run.traceparent,
      data: {
        purpose: input.purpose,
        workspace: run.workspace,
        changeId: input.purpose === 'apply' ? input.change.id : null,
        session: session.name,
        ...(role !== null && target && { targetRole: role.arn, targetAccessKeyId: target.accessKeyId }),
        accessKeyId: issued.accessKeyId,
        expiresAt: issued.expiration,
      },
    });
    return { ...issued, ...(target && { target }) };
  };
};
