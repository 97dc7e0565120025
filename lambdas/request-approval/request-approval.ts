import type { Ask } from '../approval-mail/ask';
import type { Approver, FindUnreachable } from '../approval-mail/reach';
import { demandsOf } from '../approval-rules/demands';
import { refuseToAsk } from '../approval-rules/permission';
import type { RuleSet } from '../approval-rules/rule-set';
import { nextLook } from '../approval-rules/timetable';
import { whomToAsk } from '../approval-rules/whom-to-ask';
import type { ApprovalView } from '../shared/approval-reader';
import { type ApprovalStore, claimMs } from '../shared/approval-store';
import { type Change, countsOf } from '../shared/change';
import type { ChangeStore } from '../shared/change-store';
import { approvalData } from '../shared/decision-event';
import { describeChange } from '../shared/describe-change';
import { digestOf } from '../shared/digest';
import {
  ContentSwappedError,
  NotAllowedToAskError,
  NotApprovedError,
  TransientError,
} from '../shared/errors';
import type { Ledger } from '../shared/ledger';
import { people } from '../shared/ledger-event';
import { tenantOf } from '../shared/names';
import { requireOwn } from '../shared/own-change';
import { planDocument } from '../shared/plan-document';
import type { ReadArtifact } from '../shared/read-artifact';
import type { RunRecord } from '../shared/run-record';
import type { RunStore } from '../shared/run-store';
import { firstStarter, starterOf } from '../shared/starter-of';
import { tellStarter } from '../shared/tell-starter';
import type { RequestApprovalInput } from './contract';
import { requireReachable } from './require-reachable';

export interface RequestApprovalDeps {
  readonly approvals: Pick<ApprovalStore, 'find' | 'create' | 'replaceToken' | 'settle' | 'setStarter'>;
  readonly runs: Pick<RunStore, 'get'>;
  readonly changes: Pick<ChangeStore, 'get'>;
  readonly ledger: Ledger;
  readonly ask: Pick<Ask, 'each'>;
  readonly findUnreachable: FindUnreachable;
  readonly rules: RuleSet;
  readonly readArtifact: ReadArtifact;
  readonly environment: string;
  readonly approvers: readonly Approver[];
  /** People sign in, so that who answers need not be one of {@link approvers}. */
  readonly signIn: boolean;
  readonly now: () => Date;
}

const earlier = (expiresAt: string, now: Date, hours: number | null): string => {
  const byRule = hours === null ? expiresAt : new Date(now.getTime() + hours * 3_600_000).toISOString();
  return byRule < expiresAt ? byRule : expiresAt;
};

/**
 * Asks those whose answer can settle the matter, once per change: a retry finds the record, hands it the new task
 * token, and writes only to those whose mail was not handed over.
 */
export const makeRequestApproval = (deps: RequestApprovalDeps) => {
  const { ask } = deps;
  /** What the rules of today ask for this change: fixed from here on, whatever is deployed while it waits. */
  const underRules = async (change: Change, run: RunRecord | undefined) => {
    const plan = change.plan && (await deps.readArtifact(change.plan.document, planDocument));
    const dangers = plan?.groups.map(({ group }) => group) ?? [];
    return {
      summary: {
        headline: describeChange(change),
        workflow: change.workflow,
        counts: countsOf(change),
        dangers,
      },
      demands: demandsOf(deps.rules, {
        workspace: change.workspace,
        environment: deps.environment,
        workflow: change.workflow,
        dangers,
        stricterGate: change.plan?.policy.verdict === 'stricter-gate',
        addedCost: null,
      }),
      rules: digestOf(deps.rules),
      starter: starterOf(run, change.requestedBy),
    };
  };

  const ensureRecord = async (
    input: RequestApprovalInput,
    change: Change,
    unreachable: ReadonlySet<string>,
  ): Promise<ApprovalView> => {
    const now = deps.now();
    const byTimeout = new Date(now.getTime() + input.timeoutSeconds * 1000).toISOString();
    const [expiresAt = byTimeout] = [change.expiresAt, byTimeout].sort();
    const ended = (why: string) =>
      new NotApprovedError(`Nobody was asked about change ${change.id}: ${why}. Start a new run.`);
    const found = await deps.approvals.find(change.id);
    if (!found) {
      if (expiresAt <= now.toISOString()) throw ended('it has expired');
      const run = await deps.runs.get(change.runId);
      const rules = await underRules(change, run);
      const first = run && firstStarter(run);
      const refusal = first && refuseToAsk(rules.demands, first);
      if (refusal)
        throw new NotAllowedToAskError(`${first.id} started this run. ${refusal.sentence} Nobody was asked.`);
      requireReachable(change, { ...rules, votes: [] }, deps.approvers, {
        unreachable,
        othersMayCome: deps.signIn,
      });
      const record = {
        approvalId: change.id,
        runId: input.run.runId,
        workspace: input.run.workspace,
        traceparent: input.run.traceparent,
        change: input.change,
        status: 'pending' as const,
        createdAt: now.toISOString(),
        expiresAt: earlier(expiresAt, now, rules.demands.expiresAfterHours),
        links: [],
        ...rules,
        votes: [],
        unreachable: [...unreachable],
        tending: '1' as const,
        dueAt: new Date(now.getTime() + claimMs).toISOString(),
      };
      if (await deps.approvals.create({ ...record, taskToken: input.taskToken, attempt: input.attempt }))
        return record;
    }
    const standing = found ?? (await deps.approvals.find(change.id));
    if (!standing || standing.change.digest !== input.change.digest)
      throw new ContentSwappedError(
        `Change ${change.id} is already asked about with other content. Find out who put it there, then start a new run.`,
      );
    if (await deps.approvals.replaceToken(change.id, input)) return standing;
    const { status, attempt = 0, askRefusal } = (await deps.approvals.find(change.id)) ?? standing;
    // Nothing waits for this answer any more: it is the later attempt that asks.
    if (attempt > input.attempt)
      throw new TransientError(`Change ${change.id} is asked about by a later attempt.`);
    if (askRefusal !== undefined) throw new NotAllowedToAskError(askRefusal);
    throw ended(`its approval is over (${status})`);
  };

  return async (input: RequestApprovalInput): Promise<{ approvalId: string }> => {
    const change = await deps.changes.get(input.change);
    requireOwn(change, input.run, null);
    const unreachable = await deps.findUnreachable(deps.approvers);
    const approval = await ensureRecord(input, change, unreachable);
    // As it was when people were asked first: a retry tells the same.
    const silent = new Set(approval.unreachable);
    const reachable = deps.approvers.filter(({ id }) => !silent.has(id));
    const asked = whomToAsk({ ...approval, votes: [] }, reachable, 0);
    await deps.ledger.append({
      tenant: tenantOf(approval.workspace),
      id: `approval.requested:${approval.approvalId}`,
      type: 'approval.requested',
      runId: approval.runId,
      actor: 'request-approval',
      at: approval.createdAt,
      traceparent: approval.traceparent,
      data: {
        ...approvalData(approval),
        expiresAt: approval.expiresAt,
        approvers: people(asked.map(({ id }) => id)),
        unreachable: people([...silent]),
      },
    });

    if (approval.status !== 'pending') return { approvalId: approval.approvalId };
    // It may have become known between the reading and the writing above.
    const run = await deps.runs.get(approval.runId);
    if (run && (await tellStarter(deps, run, approval)) === 'refused')
      return { approvalId: approval.approvalId };
    const mailed = approval.mailedTo ?? [];
    const waiting = asked.filter(({ id }) => !mailed.includes(id));
    const failed = await ask.each(approval, change, waiting, 'asked');
    if (mailed.length === 0 && failed.length === asked.length)
      throw new TransientError(`None of the approvers of change ${change.id} could be asked.`);
    // Whom this did not reach is asked by the sweep, as soon as what was claimed for this step is due.
    if (failed.length === 0 && approval.dueAt !== undefined)
      await deps.approvals.settle(approval.approvalId, approval.dueAt, {
        escalated: approval.escalated ?? 0,
        reminded: approval.reminded ?? 0,
        glassTold: approval.glassTold ?? 0,
        unreachable: [...silent],
        dueAt: nextLook(approval, deps.now()).toISOString(),
      });
    return { approvalId: approval.approvalId };
  };
};
