import { GetTopicAttributesCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Person } from '../approval-rules/people';
import { logger } from '../shared/logger';

/** Somebody who is asked by mail, through a topic of their own. */
export type Approver = Person & { readonly topicArn: string };

/** Which of these people no mail reaches: nobody confirmed the subscription, or it is gone. */
export type FindUnreachable = (approvers: readonly Approver[]) => Promise<ReadonlySet<string>>;

/** SNS answers few such questions a second; many approvals may be looked at within one. */
const keptMs = 30_000;

/**
 * Asks topics how many have confirmed: their counts, and not their addresses. A topic that does not answer counts as
 * one that reaches somebody: a mail too many is better than none.
 */
export const makeFindUnreachable = ({
  sns,
  now,
}: {
  sns: Pick<SNSClient, 'send'>;
  now: () => Date;
}): FindUnreachable => {
  const known = new Map<string, { isReached: boolean; at: number }>();

  const isReached = async ({ id, topicArn }: Approver): Promise<boolean> => {
    const at = now().getTime();
    const kept = known.get(topicArn);
    if (kept && Math.abs(at - kept.at) < keptMs) return kept.isReached;
    try {
      const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn: topicArn }));
      const answer = Number(Attributes?.SubscriptionsConfirmed ?? 0) > 0;
      known.set(topicArn, { isReached: answer, at });
      return answer;
    } catch (error) {
      const code = error instanceof Error ? error.name : 'unknown';
      if (code === 'NotFoundException') return false;
      logger.warn('whether mail reaches an approver is not known', { approver: id, code });
      return true;
    }
  };

  return async (approvers) => {
    const reached = await Promise.all(approvers.map(isReached));
    return new Set(approvers.filter((_, index) => !reached[index]).map(({ id }) => id));
  };
};
