import type { ApprovalStore } from '../shared/approval-store';
import { TransientError } from '../shared/errors';
import type { Ledger } from '../shared/ledger';
import { person as named } from '../shared/ledger-event';
import { runId as runIdShape, tenantOf } from '../shared/names';
import type { RunRecord } from '../shared/run-record';
import type { RunStore } from '../shared/run-store';
import { tellStarter } from '../shared/tell-starter';
import type { WakeCallback } from '../shared/wake-callback';
import type {
  KnownPerson,
  OwnStarter,
  PrincipalRule,
  RecordStarterInput,
  RecordStarterOutput,
} from './contract';
import { callerOf, personBehind } from './principal';

interface Deps {
  readonly runs: Pick<RunStore, 'get' | 'addStarter'>;
  readonly approvals: Pick<ApprovalStore, 'find' | 'setStarter'>;
  readonly ledger: Ledger;
  readonly wakeCallback: WakeCallback;
  readonly account: string;
  readonly principals: readonly PrincipalRule[];
  readonly ownStarters: readonly OwnStarter[];
  readonly people: readonly KnownPerson[];
  readonly now: () => Date;
}

/** An event that is younger may be about a run that has not begun; Lambda delivers it again after one minute, and two. */
const youngMs = 2 * 60_000;

const nothing: RecordStarterOutput = { outcome: 'ignored', approval: 'none' };

/** The execution that a call began; `undefined` when it began none. */
const executionOf = ({ detail }: RecordStarterInput): string | undefined =>
  detail.eventSource === 'states.amazonaws.com' &&
  detail.eventName === 'StartExecution' &&
  detail.errorCode === undefined
    ? detail.responseElements?.executionArn
    : undefined;

/**
 * Records who really started a run, from CloudTrail's event of the call: on the run, on the approval that waits, and on
 * the ledger. Each write may be repeated, so the event may come twice, and what a crash left is done by the repeat.
 *
 * @throws TransientError when the run has not begun yet.
 */
export const makeRecordStarter = (deps: Deps) => {
  const tellApproval = async (run: RunRecord): Promise<RecordStarterOutput['approval']> => {
    const approval = run.change && (await deps.approvals.find(run.change.id));
    const told = approval ? await tellStarter(deps, run, approval) : 'none';
    if (told === 'refused' && approval) await deps.wakeCallback({ approvalId: approval.approvalId });
    return told;
  };

  return async (event: RecordStarterInput): Promise<RecordStarterOutput> => {
    const { eventTime, userIdentity } = event.detail;
    const executionArn = executionOf(event);
    const runId = runIdShape.safeParse(executionArn?.split(':').at(-1));
    if (executionArn === undefined || !runId.success) return nothing;
    const run = await deps.runs.get(runId.data);
    if (run?.executionArn !== executionArn || run.workspace === undefined) {
      if (deps.now().getTime() - Date.parse(eventTime) < youngMs)
        throw new TransientError(`Run ${runId.data} has not begun, so its starter is recorded later.`);
      return nothing;
    }

    const { principal: caller, own } = callerOf(userIdentity, deps);
    const claim = run.content?.requestedBy ?? null;
    // A function of ours has identified whom it names.
    const principal = own ? `${own.system}/${claim?.replace(`${own.system}:`, '') ?? 'unknown'}` : caller;
    const { person, groups } = personBehind(principal, deps.principals, deps.people);
    await deps.runs.addStarter(run.runId, principal, { person, groups, at: eventTime });
    await deps.ledger.append({
      tenant: tenantOf(run.workspace),
      id: ['starter.known', run.runId, named(principal)],
      type: 'starter.known',
      runId: run.runId,
      actor: named(person),
      at: eventTime,
      traceparent: run.traceparent,
      data: {
        principal: named(principal),
        claimed: claim === null ? null : named(claim),
        differs: !own && claim !== null && claim !== person,
      },
    });
    const known = await deps.runs.get(run.runId);
    const approval = known ? await tellApproval(known) : 'none';
    return { outcome: 'recorded', approval };
  };
};
