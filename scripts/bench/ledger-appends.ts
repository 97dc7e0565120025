import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { TransientError } from '../../lambdas/shared/errors';
import { genesisHash, type LedgerEntry, makeImpersonalLedger } from '../../lambdas/shared/ledger';
import { sampleEntries } from './sample-ledger';
import { median, percentile } from './statistics';

/** How long one append takes at the end of a chain of that length. */
export interface AppendLatency {
  readonly entries: number;
  readonly p50: number;
  readonly p99: number;
}

/** How many appends a second so many writers bring about. */
export interface AppendThroughput {
  readonly writers: number;
  readonly chains: number;
  readonly perSecond: number;
}

export interface AppendFigures {
  readonly latencies: readonly AppendLatency[];
  readonly throughputs: readonly AppendThroughput[];
}

const lengths = [1000, 10_000, 100_000] as const;
const samples = 300;
const appendsEach = 192;
const batchSize = 25;
const table = 'ledger';

const anEvent = (tenant: string, id: string) => ({
  tenant,
  id,
  type: 'change.bound',
  runId: '01KRUN00000000000000000000',
  actor: 'orchestrator' as const,
  at: new Date().toISOString(),
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  data: { changeDigest: '0'.repeat(64), workspace: `${tenant}/web` },
});

const createTable = async (client: DynamoDBClient): Promise<void> => {
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'chain', AttributeType: 'S' },
        { AttributeName: 'seq', AttributeType: 'N' },
      ],
      KeySchema: [
        { AttributeName: 'chain', KeyType: 'HASH' },
        { AttributeName: 'seq', KeyType: 'RANGE' },
      ],
    }),
  );
};

/** Puts whole chains into the table past the ledger; their head last. */
const makePreload = (client: DynamoDBDocumentClient) => {
  const write = (items: readonly Record<string, unknown>[]) =>
    client.send(
      new BatchWriteCommand({ RequestItems: { [table]: items.map((Item) => ({ PutRequest: { Item } })) } }),
    );
  return async (tenant: string, count: number): Promise<void> => {
    let batch: { chain: string; seq: number; entry: LedgerEntry }[] = [];
    let head = { seq: 0, hash: genesisHash };
    for (const entry of sampleEntries(tenant, count)) {
      batch.push({ chain: tenant, seq: entry.seq, entry });
      head = entry;
      if (batch.length < batchSize) continue;
      await write(batch);
      batch = [];
    }
    if (batch.length > 0) await write(batch);
    await write([{ chain: tenant, seq: 0, headSeq: head.seq, headHash: head.hash }]);
  };
};

/** Appends to chains of growing length one after the other, then from more and more writers at once. */
export const measureAppends = async (
  url: string,
  { note, signal }: { readonly note: (text: string) => void; readonly signal: AbortSignal },
): Promise<AppendFigures> => {
  const client = new DynamoDBClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await createTable(client);
  const documents = DynamoDBDocumentClient.from(client);
  const preload = makePreload(documents);
  const ledger = makeImpersonalLedger({ client: documents, table });
  const timed = async (tenant: string, id: string): Promise<number> => {
    signal.throwIfAborted();
    const began = performance.now();
    await ledger.append(anEvent(tenant, id));
    return performance.now() - began;
  };

  for (const length of lengths) {
    note(`${length} entries are put in`);
    await preload(`chain-of-${length}`, length);
  }
  // In turns, so that whatever else the machine does falls on all of them.
  const taken = new Map<number, number[]>(lengths.map((length) => [length, []]));
  for (let n = -20; n < samples; n++)
    for (const length of lengths) {
      const milliseconds = await timed(`chain-of-${length}`, `bench:${n}`);
      if (n >= 0) taken.get(length)?.push(milliseconds);
    }
  const latencies = lengths.map((entries): AppendLatency => {
    const all = taken.get(entries) ?? [];
    return { entries, p50: median(all), p99: percentile(all, 0.99) };
  });

  const throughputs: AppendThroughput[] = [];
  for (const chains of [1, 16])
    for (const writers of [1, 4, 16]) {
      note(`${writers} write to ${chains}`);
      const began = performance.now();
      await Promise.all(
        Array.from({ length: writers }, async (_, writer) => {
          for (let n = writer; n < appendsEach; n += writers)
            for (let done = false; !done; )
              // As a workflow tries again what was too busy.
              done = await timed(`${writers}-to-${chains}-${n % chains}`, `bench:${n}`).then(
                () => true,
                (error: unknown) => {
                  if (error instanceof TransientError) return false;
                  throw error;
                },
              );
        }),
      );
      throughputs.push({ writers, chains, perSecond: appendsEach / ((performance.now() - began) / 1000) });
    }
  client.destroy();
  return { latencies, throughputs };
};
