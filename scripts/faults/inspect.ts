import { DeleteObjectCommand, GetObjectCommand } from '@aws-sdk/client-s3';
import { GetCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { findBreak, type LedgerEntry } from '../../lambdas/shared/ledger';
import type { RunRecord } from '../../lambdas/shared/run-record';
import { readRunRecord } from '../../local/platform-clients';
import { readWorkspaceHosts } from '../../local/workspace-hosts';
import type { ExecutionEnd } from './drive-run';
import type { FaultPlatform } from './fault-platform';
import type { FaultedRun } from './faulted-run';
import { mustSucceed } from './schedule';
import { newStates, stateKey } from './state-history';

/** What the suite knows about a workspace from the outside. */
export interface Workspace {
  readonly name: string;
  /** The name of its host, if it has one. */
  readonly host: string | null;
  revision: number;
  note: number;
  /** The newest version of the state that has been looked at. */
  version: string | undefined;
  serial: number;
  lineage: string | undefined;
  /** A state that could not be stored may come back beside the next change's own. */
  rescued: boolean;
}

const missing = (error: unknown): boolean => error instanceof Error && /NoSuchKey|NotFound/.test(error.name);

const textOf = async ({ s3 }: FaultPlatform, bucket: string, key: string): Promise<string | undefined> => {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return await Body?.transformToString();
  } catch (error) {
    if (missing(error)) return undefined;
    throw error;
  }
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

/** Looks at what one run left, and says what must not be. Brings the knowledge about the workspace up to date. */
export const inspectRun = async (
  platform: FaultPlatform,
  workspace: Workspace,
  run: FaultedRun,
  ended: ExecutionEnd,
): Promise<{ violations: string[]; outcome: string; lock: boolean }> => {
  const { bench, dynamoDb } = platform;
  const violations: string[] = [];
  const record = await readRunRecord(dynamoDb, bench.outputs.runsTable, run.runId);
  const outcome = record?.outcome ?? 'not begun';

  if (ended === 'never') violations.push('it did not end');
  violations.push(...(await endViolations(platform, run, ended, record)));

  const states = await newStates(platform, workspace.name, workspace.version);
  const wasRescued = workspace.rescued;
  const serials = new Set(states.map(({ serial }) => serial));
  if (serials.size > (wasRescued ? 2 : 1))
    violations.push(`its change was carried out more than once: serials ${[...serials]}`);
  for (const { serial, lineage } of states) {
    if (serial < workspace.serial)
      violations.push(`the state went back from ${workspace.serial} to ${serial}`);
    if (workspace.lineage !== undefined && lineage !== workspace.lineage)
      violations.push('the state began anew: its lineage is another');
    workspace.serial = serial;
    workspace.lineage = lineage;
  }
  const refused = run.happened.some(({ kind }) => kind === 'refuse-state');
  workspace.rescued = refused || (wasRescued && states.length === 0);
  const newest = states.at(-1);
  workspace.version = newest?.versionId ?? workspace.version;
  if (newest && run.schedule.decision === 'reject' && !wasRescued)
    violations.push('it was rejected, and the state changed');
  if (newest && outcome === 'applied') {
    const made = newest.effects.filter(({ revision }) => revision === workspace.revision);
    if (made.length !== 2) violations.push(`applied, but the state holds ${JSON.stringify(newest.effects)}`);
  }
  if (newest) {
    const log = await textOf(
      platform,
      bench.outputs.artifactsBucket,
      `runs/${run.runId}/logs/terraform-apply.log`,
    );
    const kept = new Set(newest.effects.map(({ id }) => id));
    for (const [, id = ''] of (log ?? '').matchAll(/Creation complete after \S+ \[id=([0-9a-f-]+)\]/g))
      if (!kept.has(id)) violations.push(`${id} was created, and no state knows it`);
  }
  if (outcome === 'applied') {
    const hosts = await readWorkspaceHosts(bench.platform.settings, workspace.name);
    if (hosts.length !== (workspace.host === null ? 0 : 1))
      violations.push(`applied, and ${hosts.length} hosts answer`);
  }
  const lock = await textOf(platform, bench.outputs.stateBucket, `${stateKey(workspace.name)}.tflock`);
  return { violations, outcome, lock: lock !== undefined };
};

const endViolations = async (
  platform: FaultPlatform,
  run: FaultedRun,
  ended: ExecutionEnd,
  record: RunRecord | undefined,
): Promise<string[]> => {
  const violations: string[] = [];
  if (record === undefined) {
    if (!run.happened.some(({ kind }) => kind === 'stop')) violations.push('no record of it exists');
    return violations;
  }
  if (record.status !== 'ended') violations.push(`it is recorded as ${record.status}`);
  if (!(await isSettled(platform, run))) violations.push('its workspace was not given back');
  const failed = record.outcome === 'failed';
  if (ended === 'SUCCEEDED' && failed)
    violations.push('its execution succeeded, and it is recorded as failed');
  const expected = run.schedule.decision === 'reject' ? ['rejected', 'unchanged'] : ['applied', 'unchanged'];
  if (mustSucceed(run.happened) && !expected.includes(record.outcome ?? ''))
    violations.push(
      `nothing but what repetition mends happened to it, and it is ${record.outcome}: ${JSON.stringify((record.result as { error?: unknown } | undefined)?.error)}`,
    );
  return violations;
};

/** Removes a lock whose holder the suite has killed itself. */
export const removeLock = async ({ s3, bench }: FaultPlatform, workspace: string): Promise<void> => {
  await s3.send(
    new DeleteObjectCommand({ Bucket: bench.outputs.stateBucket, Key: `${stateKey(workspace)}.tflock` }),
  );
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

/** Entries that must stand at most once for one thing. */
const once: Readonly<Record<string, (entry: LedgerEntry) => unknown>> = {
  'run.started': ({ runId }) => runId,
  'run.ended': ({ runId }) => runId,
  'change.bound': ({ runId }) => runId,
  'decision.made': ({ data }) => data.approvalId ?? data.changeDigest,
  'apply.authorized': ({ data }) => data.changeDigest ?? data.changeId,
};

/** Looks at the tables as a whole, once all is over. */
export const inspectEnd = async (platform: FaultPlatform): Promise<string[]> => {
  const { bench, leasesTable } = platform;
  const violations: string[] = [];
  for (const run of await scan(platform, bench.outputs.runsTable))
    if (run.status !== 'ended' || run.open !== undefined)
      violations.push(`run ${run.runId} is ${run.status}${run.open === undefined ? '' : ' and open'}`);
  for (const { workspace } of await scan(platform, leasesTable))
    violations.push(`the lease of ${workspace} was never given back`);

  const chains = new Map<string, LedgerEntry[]>();
  for (const { chain, entry } of await scan(platform, bench.outputs.ledgerTable))
    if (entry) chains.set(String(chain), [...(chains.get(String(chain)) ?? []), entry as LedgerEntry]);
  const seen = new Set<string>();
  for (const [tenant, entries] of chains) {
    entries.sort((a, b) => a.seq - b.seq);
    const broken = findBreak(entries);
    if (broken) violations.push(`the ledger of ${tenant} breaks at ${broken.seq}: ${broken.reason}`);
    for (const entry of entries) {
      const about = once[entry.type]?.(entry);
      if (about === undefined) continue;
      const key = `${entry.type} of ${String(about)}`;
      if (seen.has(key)) violations.push(`the ledger tells twice: ${key}`);
      seen.add(key);
    }
  }
  return violations;
};
