import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { person } from '../approval-rules/people';
import { sha256 } from '../shared/names';

/** Somebody who signed in (table of sessions, partition key `sessionHash`). The id itself is in their browser alone. */
export const session = z.strictObject({
  sessionHash: sha256,
  /** With the groups that the provider told at sign-in. */
  person,
  signedInAt: z.iso.datetime(),
  /** However active: who is still who they were is asked anew. */
  expiresAt: z.iso.datetime(),
  /** When the table may forget it, in seconds since 1970. No decision rests on it. */
  removeAt: z.int(),
});
export type Session = z.infer<typeof session>;

export interface SessionStore {
  readonly find: (sessionHash: string) => Promise<Session | undefined>;
  readonly create: (created: Session) => Promise<void>;
  readonly remove: (sessionHash: string) => Promise<void>;
}

export const makeSessionStore = (deps: {
  client: Pick<DynamoDBDocumentClient, 'send'>;
  table: string;
}): SessionStore => ({
  find: async (sessionHash) => {
    const { Item } = await deps.client.send(
      new GetCommand({ TableName: deps.table, Key: { sessionHash }, ConsistentRead: true }),
    );
    return Item && session.parse(Item);
  },
  create: async (created) => {
    await deps.client.send(
      new PutCommand({
        TableName: deps.table,
        Item: created,
        ConditionExpression: 'attribute_not_exists(sessionHash)',
      }),
    );
  },
  remove: async (sessionHash) => {
    await deps.client.send(new DeleteCommand({ TableName: deps.table, Key: { sessionHash } }));
  },
});
