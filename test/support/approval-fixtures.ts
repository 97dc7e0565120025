import { type Demands, demandsOf } from '../../lambdas/approval-rules/demands';
import type { Vote } from '../../lambdas/approval-rules/people';
import { type Rule, ruleSet } from '../../lambdas/approval-rules/rule-set';
import type { ReadDecision } from '../../lambdas/shared/decided-approval';
import { aRun } from './change-fixtures';

/** What these rules ask for an ordinary change, after one person of the approvers. */
export const demandsUnder = (...rules: Rule[]): Demands =>
  demandsOf(
    ruleSet.parse({
      version: 1,
      rules: [
        {
          id: 'everything',
          why: 'Every change is seen by one person.',
          when: {},
          mayAsk: ['operator'],
          approvals: [{ people: 1, from: ['approver'] }],
        },
        ...rules,
      ],
    }),
    {
      workspace: aRun.workspace,
      environment: 'local',
      workflow: 'vm-provisioning',
      dangers: [],
      stricterGate: false,
      addedCost: null,
    },
  );

/** An answer of an approver. */
export const aVote = (over: Partial<Vote> = {}): Vote => ({
  person: 'alex',
  outcome: 'approved',
  at: '2026-01-01T00:10:00.000Z',
  comment: null,
  breaksGlass: false,
  seats: [{ id: over.person ?? 'alex', groups: ['approver'] }],
  ...over,
});

/** What the gate has on a change that one person approved. */
export const anApproval = (digest: string, over: Partial<Decided> = {}): Decided => ({
  status: 'approved',
  digest,
  expiresAt: '2026-01-01T01:00:00.000Z',
  decidedAt: '2026-01-01T00:10:00.000Z',
  demands: demandsUnder(),
  starter: { id: 'maria@example.com', verified: false },
  votes: [aVote({ person: 'dana' })],
  ...over,
});
type Decided = NonNullable<Awaited<ReturnType<ReadDecision>>>;
