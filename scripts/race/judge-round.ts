import type { ApprovalView } from '../../lambdas/shared/approval-reader';

/** What came back to one of those who answered at the same moment. */
export interface RaceAnswer {
  readonly person: string;
  readonly decision: 'approve' | 'reject';
  readonly status: number;
  readonly page: string;
}

/** Everything that is known of one approval after a race. */
export interface RaceRound {
  readonly answers: readonly RaceAnswer[];
  readonly record: Pick<ApprovalView, 'status' | 'decidedAt' | 'votes'>;
  /** Types of the ledger's events about this approval, by the person where it is an answer. */
  readonly ledger: readonly { readonly type: string; readonly actor: string }[];
  /** How the waiting task came to its end. */
  readonly told: { readonly times: number; readonly outcome: unknown };
  /** Approvals that it takes. */
  readonly people: number;
}

const outcomes = { approve: 'approved', reject: 'rejected' } as const;

/** What each of those who answered must have been told, given what stands. */
const misled = ({ answers, record }: RaceRound): string[] => {
  const { status, decidedAt = 'never', votes } = record;
  return answers.flatMap(({ person, decision, status: code, page }) => {
    const who = `${person}, who wanted to ${decision},`;
    const own = votes.find((vote) => vote.person === person);
    switch (code) {
      case 303:
        return own?.outcome === outcomes[decision]
          ? []
          : [`${who} was told that it is recorded, and it is not`];
      case 409:
        return page.includes(`data-decision="${status}"`) && page.includes(`datetime="${decidedAt}"`)
          ? []
          : [`${who} came too late, and was not told that it was ${status} at ${decidedAt}`];
      case 403:
        return own && own.outcome !== outcomes[decision] && page.includes('answered already')
          ? []
          : [`${who} was refused without having answered otherwise`];
      default:
        return [`${who} got ${code}`];
    }
  });
};

/** What is wrong with a race, as sentences; none: it has one outcome, which everybody was told. */
export const judgeRound = (round: RaceRound): string[] => {
  const { answers, record, ledger, told, people } = round;
  const { status, votes } = record;
  const count = (type: string): number => ledger.filter((event) => event.type === type).length;
  const approvals = votes.filter(({ outcome }) => outcome === 'approved').length;
  const rejections = votes.length - approvals;
  const expected = [
    ['it has no outcome', status === 'approved' || status === 'rejected'],
    ['nobody was told that their answer is recorded', answers.some((answer) => answer.status === 303)],
    ['somebody counts twice', new Set(votes.map(({ person }) => person)).size === votes.length],
    [
      'the answers do not come to its outcome',
      status === 'approved'
        ? approvals === people && rejections === 0
        : rejections === 1 && approvals < people,
    ],
    [`the ledger has ${count('decision.made')} decisions`, count('decision.made') === 1],
    ['the ledger calls undeliverable what was delivered', count('callback.undeliverable') === 0],
    [
      'the ledger has other answers than the approval',
      JSON.stringify(ledger.flatMap(({ type, actor }) => (type === 'answer.given' ? [actor] : [])).sort()) ===
        JSON.stringify(votes.map(({ person }) => person).sort()),
    ],
    [`the run was told ${told.times} times`, told.times === 1],
    [`the run was told ${String(told.outcome)}, and it is ${status}`, told.outcome === status],
  ] as const;
  return [...expected.flatMap(([text, holds]) => (holds ? [] : [text])), ...misled(round)];
};
