import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { TransientError } from './errors';
import { chain, genesisHash } from './ledger-chain';
import { type ImpersonalEvent, type LedgerEvent, type WrittenEvent, withoutNames } from './ledger-event';
import type { People } from './people';

export { chain, findBreak, genesisHash, type LedgerEntry } from './ledger-chain';

export interface Ledger<Event = LedgerEvent> {
  append(event: Event): Promise<void>;
}

interface LedgerDeps {
  readonly client: Pick<DynamoDBDocumentClient, 'send'>;
  readonly table: string;
  /** How often a lost race for the head is tried again. */
  readonly attempts?: number;
}

const isNamed = (error: unknown, ...names: string[]): boolean =>
  error instanceof Error && names.includes(error.name);

/**
 * The ledger in one table: entries under `chain = <tenant>`, `seq = 1…`; the head at `seq = 0`; a marker per
 * event id under `chain = <tenant>#<id>`. Entry, head and marker are written in one transaction, so a crash
 * loses nothing, doubles nothing and never leaves a gap.
 *
 * @throws TransientError when the head stayed contended for all attempts; nothing was written.
 */
const makeChain = ({ client, table, attempts = 12 }: LedgerDeps): Ledger<WrittenEvent> => ({
  append: async (event) => {
    const marker = { chain: `${event.tenant}#${event.id}`, seq: 0 };
    for (let attempt = 0; attempt < attempts; attempt++) {
      const stored = await client.send(
        new GetCommand({ TableName: table, Key: { chain: event.tenant, seq: 0 }, ConsistentRead: true }),
      );
      const head = {
        seq: Number(stored.Item?.headSeq ?? 0),
        hash: String(stored.Item?.headHash ?? genesisHash),
      };
      const entry = chain(head, event);
      try {
        await client.send(
          new TransactWriteCommand({
            TransactItems: [
              {
                Put: {
                  TableName: table,
                  Item: { chain: event.tenant, seq: 0, headSeq: entry.seq, headHash: entry.hash },
                  ConditionExpression: 'attribute_not_exists(headSeq) OR headHash = :before',
                  ExpressionAttributeValues: { ':before': head.hash },
                },
              },
              {
                Put: {
                  TableName: table,
                  Item: { chain: event.tenant, seq: entry.seq, entry },
                  ConditionExpression: 'attribute_not_exists(seq)',
                },
              },
              { Put: { TableName: table, Item: marker, ConditionExpression: 'attribute_not_exists(seq)' } },
            ],
          }),
        );
        return;
      } catch (error) {
        if (
          !isNamed(
            error,
            'TransactionCanceledException',
            'TransactionConflictException',
            'TransactionInProgressException',
          )
        )
          throw error;
        const known = await client.send(
          new GetCommand({ TableName: table, Key: marker, ConsistentRead: true }),
        );
        if (known.Item) return;
        await sleep(Math.random() * Math.min(1000, 10 * 2 ** attempt));
      }
    }
    throw new TransientError(
      `The ledger of tenant ${event.tenant} is too busy to record ${event.type} of run ${event.runId}. Try again.`,
    );
  },
});

/** The ledger for what tells of nobody: it knows nothing of people. */
export const makeImpersonalLedger: (deps: LedgerDeps) => Ledger<ImpersonalEvent> = makeChain;

/** The ledger for what people do: nobody is named in it, nor is anything in it that somebody wrote. */
export const makeLedger = ({ people, ...deps }: LedgerDeps & { readonly people: People }): Ledger => {
  const written = makeChain(deps);
  return { append: async (event) => written.append(await withoutNames(event, people)) };
};
