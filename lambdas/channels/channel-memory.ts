import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { hasLanded } from '../shared/conditional-write';

/** Where a message stands in Slack. */
const standing = z.object({ channel: z.string(), ts: z.string() });
export type StandingMessage = z.infer<typeof standing>;

/** What channels remember from one event to the next, for a while. */
export interface ChannelMemory {
  findMessage(channel: string, approvalId: string): Promise<StandingMessage | undefined>;
  keepMessage(channel: string, approvalId: string, message: StandingMessage): Promise<void>;
  /** `false`: the same was seen before. */
  seeOnce(what: string, seconds: number): Promise<boolean>;
}

/** Longer than an approval can wait (30 days). */
const messageSeconds = 60 * 86_400;

/** The channels table: partition key `id`; DynamoDB drops items some time after `forgetAt`, on which nothing relies. */
export const makeChannelMemory = ({
  client,
  table,
  now,
}: {
  readonly client: Pick<DynamoDBDocumentClient, 'send'>;
  readonly table: string;
  readonly now: () => Date;
}): ChannelMemory => {
  const forgetAt = (seconds: number): number => Math.floor(now().getTime() / 1000) + seconds;
  const idOf = (channel: string, approvalId: string): string => `${channel}#${approvalId}`;
  return {
    findMessage: async (channel, approvalId) => {
      const Key = { id: idOf(channel, approvalId) };
      const { Item } = await client.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }));
      return Item && standing.parse(Item);
    },
    keepMessage: async (channel, approvalId, message) => {
      const Item = { id: idOf(channel, approvalId), ...message, forgetAt: forgetAt(messageSeconds) };
      await client.send(new PutCommand({ TableName: table, Item }));
    },
    seeOnce: (what, seconds) =>
      hasLanded(
        client.send(
          new PutCommand({
            TableName: table,
            Item: { id: `seen#${what}`, forgetAt: forgetAt(seconds) },
            ConditionExpression: 'attribute_not_exists(id)',
          }),
        ),
      ),
  };
};
