import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { type Delegation, type Person, person } from '../approval-rules/people';
import { hasLanded } from './conditional-write';

/** Who lets whom answer for them. Of each person the last one is kept, ended or not. */
export const delegationRecord = z.strictObject({
  from: person.shape.id,
  to: person.shape.id,
  until: z.iso.datetime(),
  madeAt: z.iso.datetime(),
  reason: z.string(),
  /** Ended before its time. */
  endedAt: z.iso.datetime().optional(),
});
export type DelegationRecord = z.infer<typeof delegationRecord>;

export interface DelegationStore {
  list(): Promise<DelegationRecord[]>;
  /** `false`: one of the same person lasts. */
  make(delegation: DelegationRecord): Promise<boolean>;
  /** `false`: none lasts. */
  end(from: string, at: string): Promise<boolean>;
}

interface Table {
  readonly client: Pick<DynamoDBDocumentClient, 'send'>;
  /** The approvals table. */
  readonly table: string;
}

/** They lie in one item, which every decision reads: there are as many as people at most. No approval's id can be this. */
const key = { approvalId: 'delegations#' } as const;

export const lasts = ({ until, endedAt }: DelegationRecord, now: Date): boolean =>
  endedAt === undefined && now.toISOString() < until;

const makeList =
  ({ client, table }: Table) =>
  async (): Promise<DelegationRecord[]> => {
    const { Item } = await client.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }));
    return z.array(delegationRecord).parse(Object.values(Item?.byPerson ?? {}));
  };

export const makeDelegationStore = (deps: Table): DelegationStore => {
  const { client, table } = deps;
  return {
    list: makeList(deps),
    make: async (delegation) => {
      // A map has to be there before something is put into it.
      await hasLanded(
        client.send(
          new PutCommand({
            TableName: table,
            Item: { ...key, byPerson: {} },
            ConditionExpression: 'attribute_not_exists(approvalId)',
          }),
        ),
      );
      return hasLanded(
        client.send(
          new UpdateCommand({
            TableName: table,
            Key: key,
            UpdateExpression: 'SET byPerson.#from = :delegation',
            ConditionExpression:
              'attribute_not_exists(byPerson.#from) OR attribute_exists(byPerson.#from.endedAt) OR byPerson.#from.#until <= :now',
            ExpressionAttributeNames: { '#from': delegation.from, '#until': 'until' },
            ExpressionAttributeValues: { ':delegation': delegation, ':now': delegation.madeAt },
          }),
        ),
      );
    },
    end: (from, at) =>
      hasLanded(
        client.send(
          new UpdateCommand({
            TableName: table,
            Key: key,
            UpdateExpression: 'SET byPerson.#from.endedAt = :at',
            ConditionExpression:
              'attribute_exists(byPerson.#from) AND attribute_not_exists(byPerson.#from.endedAt) AND byPerson.#from.#until > :at',
            ExpressionAttributeNames: { '#from': from, '#until': 'until' },
            ExpressionAttributeValues: { ':at': at },
          }),
        ),
      ),
  };
};

/** Delegations as they count now: with the groups that whoever delegated has now, and none of somebody who has none. */
export type FindDelegations = () => Promise<Delegation[]>;

export const makeFindDelegations = (
  deps: Table & { readonly people: readonly Person[] },
): FindDelegations => {
  const list = makeList(deps);
  return async () =>
    (await list()).flatMap(({ from: id, to, until, endedAt }) => {
      const from = deps.people.find((known) => known.id === id);
      return from && endedAt === undefined ? [{ from, to, until }] : [];
    });
};
