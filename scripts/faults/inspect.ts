import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
} from '@aws-sdk/client-s3';
import { GetCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { LedgerEntry } from '../../lambdas/shared/ledger';
import { tenantOf } from '../../lambdas/shared/names';
import { rescueKey, rescuePrefix } from '../../lambdas/shared/rescue-key';
import type { RunRecord } from '../../lambdas/shared/run-record';
import { readRunRecord } from '../../local/platform-clients';
import { readWorkspaceHosts } from '../../local/workspace-hosts';
import type { ExecutionEnd } from './drive-run';
import type { EndState } from './end-state';
import type { FaultPlatform } from './fault-platform';
import type { FaultedRun } from './faulted-run';
import { type Effect, newStates, stateKey } from './state-history';
import type { History, Traces } from './workspace-history';

/** A workspace that runs come to one after another. */
export interface Workspace {
  readonly name: string;
  /** The name of its host, if it has one. */
  readonly host: string | null;
  revision: number;
  note: number;
  history: History;
}

/** What the lock doctor is there for. */
export interface Leftovers {
  readonly locked: boolean;
  readonly rescued: boolean;
}

const lockSuffix = '.tflock';

const exists = async ({ s3 }: FaultPlatform, Bucket: string, Key: string): Promise<boolean> => {
  try {
    await s3.send(new HeadObjectCommand({ Bucket, Key }));
    return true;
  } catch (error) {
    if (error instanceof Error && /NoSuchKey|NotFound/.test(error.name)) return false;
    throw error;
  }
};

export const leftoversOf = async (platform: FaultPlatform, workspace: string): Promise<Leftovers> => {
  const { stateBucket, artifactsBucket } = platform.bench.outputs;
  const [locked, rescued] = await Promise.all([
    exists(platform, stateBucket, stateKey(workspace) + lockSuffix),
    exists(platform, artifactsBucket, rescueKey(workspace)),
  ]);
  return { locked, rescued };
};

/** Whether the run is recorded to its end and its workspace given back. */
export const isSettled = async (
  platform: FaultPlatform,
  { runId, workspace }: FaultedRun,
): Promise<boolean> => {
  const { dynamoDb, leasesTable, bench } = platform;
  const record = await readRunRecord(dynamoDb, bench.outputs.runsTable, runId);
  const { Item: lease } = await dynamoDb.send(
    new GetCommand({ TableName: leasesTable, Key: { workspace }, ConsistentRead: true }),
  );
  return record?.open === undefined && lease === undefined;
};

/** What the logs of its applies say was created, those of repeated calls included. */
const createdByLogs = async (
  { s3, bench }: FaultPlatform,
  runId: string,
  revision: number,
): Promise<Effect[]> => {
  const Bucket = bench.outputs.artifactsBucket;
  const Key = `runs/${runId}/logs/terraform-apply.log`;
  const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: Key }));
  const texts = await Promise.all(
    Versions.map(async ({ VersionId }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
      return (await Body?.transformToString()) ?? '';
    }),
  );
  return texts.flatMap((text) =>
    [...text.matchAll(/effect\["(\w+)"\]: Creation complete after \S+ \[id=([0-9a-f-]+)\]/g)].map(
      ([, key = '', id = '']) => ({ key, revision, id }),
    ),
  );
};

/** Whether the ledger tells that the run's plan might be applied, by the marker of that entry. */
const wasAuthorized = async (
  { dynamoDb, bench }: FaultPlatform,
  { runId, workspace = '', change }: RunRecord,
): Promise<boolean> => {
  if (!change) return false;
  const { Item } = await dynamoDb.send(
    new GetCommand({
      TableName: bench.outputs.ledgerTable,
      Key: { chain: `${tenantOf(workspace)}#apply.authorized:${change.id}:${runId}`, seq: 0 },
      ConsistentRead: true,
    }),
  );
  return Item !== undefined;
};

/** Looks at what one run left, after the lock doctor has. */
export const inspectRun = async (
  platform: FaultPlatform,
  workspace: Workspace,
  run: FaultedRun,
  seen: { ended: ExecutionEnd; before: Leftovers },
): Promise<Traces> => {
  const { bench, dynamoDb } = platform;
  const record = await readRunRecord(dynamoDb, bench.outputs.runsTable, run.runId);
  const after = await leftoversOf(platform, workspace.name);
  return {
    revision: workspace.revision,
    wantedHosts: workspace.host === null ? 0 : 1,
    decision: run.schedule.decision,
    happened: run.happened,
    ended: seen.ended,
    recorded: record && {
      status: record.status,
      outcome: record.outcome,
      error: (record.result as { error?: unknown } | undefined)?.error,
    },
    givenBack: await isSettled(platform, run),
    authorized: record !== undefined && (await wasAuthorized(platform, record)),
    ...(await newStates(platform, workspace.name, workspace.history.version)),
    created: await createdByLogs(platform, run.runId, workspace.revision),
    hosts: (await readWorkspaceHosts(bench.platform.settings, workspace.name)).length,
    lockLeft: seen.before.locked,
    stillLocked: after.locked,
    stillRescued: after.rescued,
  };
};

const scan = async (platform: FaultPlatform, table: string): Promise<Record<string, unknown>[]> => {
  const items: Record<string, unknown>[] = [];
  let next: Record<string, unknown> | undefined;
  do {
    const page = await platform.dynamoDb.send(
      new ScanCommand({ TableName: table, ConsistentRead: true, ExclusiveStartKey: next }),
    );
    items.push(...(page.Items ?? []));
    next = page.LastEvaluatedKey;
  } while (next);
  return items;
};

const list = async ({ s3 }: FaultPlatform, Bucket: string, Prefix?: string): Promise<string[]> => {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
  return Contents.map(({ Key = '' }) => Key);
};

/** Looks at the tables and buckets as a whole, once all is over. */
export const inspectEnd = async (platform: FaultPlatform): Promise<EndState> => {
  const { bench, leasesTable } = platform;
  const { runsTable, ledgerTable, stateBucket, artifactsBucket } = bench.outputs;
  const chains = new Map<string, LedgerEntry[]>();
  for (const { chain, entry } of await scan(platform, ledgerTable))
    if (entry) chains.set(String(chain), [...(chains.get(String(chain)) ?? []), entry as LedgerEntry]);
  const locks = (await list(platform, stateBucket)).filter((key) => key.endsWith(lockSuffix));
  return {
    runs: (await scan(platform, runsTable)).map(({ runId, status, open, outcome }) => ({
      runId: String(runId),
      status: String(status),
      open: open !== undefined,
      outcome: outcome === undefined ? undefined : String(outcome),
    })),
    leased: (await scan(platform, leasesTable)).map(({ workspace }) => String(workspace)),
    leftBehind: [...locks, ...(await list(platform, artifactsBucket, rescuePrefix))],
    chains,
  };
};
