import type { ApprovalRecord } from './approval-record';

/**
 * Where an approval stands in the lists that people read: attributes `list` and `listAt` (index `lists`), and
 * `askedBy` and `askedAt` (index `asked`). The write that ends an approval moves it in the same breath.
 */
export interface Place {
  readonly list: string;
  /** Begins with a time and ends with the approval's id: no two are the same, so a list can be read on from any. */
  readonly listAt: string;
}

/** The groups of which somebody may answer, as one word: few differ, since rules are few. */
export const audienceOf = ({ demands }: Pick<ApprovalRecord, 'demands'>): string =>
  [...new Set(demands.approvals.flatMap(({ quorums }) => quorums.flatMap(({ from }) => from)))]
    .sort()
    .join('+');

/** While it waits: with those that the same groups may answer, the soonest expiry first. */
export const waitingPlace = (
  approval: Pick<ApprovalRecord, 'approvalId' | 'expiresAt' | 'demands'>,
): Place => ({
  list: waitingList(audienceOf(approval)),
  listAt: `${approval.expiresAt}#${approval.approvalId}`,
});

/** When it is over: with those that ended in the same month. */
export const endedPlace = (approvalId: string, at: string): Place => ({
  list: endedList(at),
  listAt: `${at}#${approvalId}`,
});

/** With what the same person asked for; nobody's while it is not said who did. */
export const askedPlace = ({
  approvalId,
  createdAt,
  starter,
}: Pick<ApprovalRecord, 'approvalId' | 'createdAt' | 'starter'>) =>
  !starter.id ? {} : { askedBy: starter.id, askedAt: `${createdAt}#${approvalId}` };

export const waitingList = (audience: string): string => `waiting#${audience}`;
export const endedList = (at: string): string => `ended#${at.slice(0, 7)}`;

/** The item that names the audiences there ever were. No approval's id can be this. */
export const audiencesKey = { approvalId: 'audiences#' } as const;
