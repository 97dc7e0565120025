import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { readStack } from '../../../cli/deployed-outputs';
import { findBreak, type LedgerEntry } from '../../../lambdas/shared/ledger';
import {
  type CommandResult,
  eventually,
  platformNow,
  reportIn,
  repository,
  runsOn,
} from '../../support/e2e-platform';
import { ensureSecondVerifier, secondOpinion } from '../../support/second-verifier';

/** What the platform says about itself. */
export const health = (first: () => CommandResult): void => {
  test('health is cheap and says version and commit; with deep=1 it tells each dependency', async () => {
    const url = reportIn(first()).links.health ?? '';
    const shallow = await fetch(url);
    expect(shallow.status).toBe(200);
    const about = { version: expect.stringMatching(/^\d+\.\d+\.\d+/), commit: expect.stringMatching(/^\w+/) };
    expect(await shallow.json()).toEqual({ status: 'ok', ...about, time: expect.any(String) });
    const deep = await fetch(`${url}?deep=1`);
    expect(deep.status).toBe(200);
    const told = (await deep.json()) as { checks: { name: string; status: string; latencyMs: number }[] };
    expect(told).toMatchObject({ status: 'ok', ...about });
    expect(told.checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['runs table', 'artifacts bucket', 'state machine', 'key', 'signing secret']),
    );
    expect(told.checks.filter(({ name }) => name.startsWith('topic ')).length).toBeGreaterThan(1);
    expect(told.checks.filter(({ latencyMs }) => !Number.isInteger(latencyMs))).toEqual([]);
  });
};

const program = join(repository, 'cli/ledger/orchestrator-ledger.mjs');
const run = promisify(execFile);
/** As an auditor types it; what ends with another code than 0 throws. */
const ledgerCommand = async (gatewayUrl: string, ...args: readonly string[]): Promise<string> => {
  const { stdout } = await run(process.execPath, [program, ...args], {
    env: {
      PATH: process.env.PATH,
      AWS_ENDPOINT_URL: gatewayUrl,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
  });
  return stdout;
};

const platformWithFunctions = async () => {
  const platform = await platformNow();
  const lambda = new LambdaClient({
    endpoint: platform.file.gatewayUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  return { ...platform, lambda };
};

/** What is left for an auditor. */
export const ledger = (first: () => CommandResult): void => {
  const chains = async (): Promise<Map<string, LedgerEntry[]>> => {
    const platform = await platformNow();
    const found = new Map<string, LedgerEntry[]>();
    for (const { chain, entry } of await runsOn(platform).scan(platform.outputs.ledgerTable))
      if (entry) found.set(String(chain), [...(found.get(String(chain)) ?? []), entry as LedgerEntry]);
    for (const entries of found.values()) entries.sort((a, b) => a.seq - b.seq);
    return found;
  };

  test("every tenant's chain holds, and tells each step of a run once", async () => {
    const found = await chains();
    expect([...found.keys()]).toEqual(expect.arrayContaining(['demo', 'e2e']));
    for (const [tenant, entries] of found) expect([tenant, findBreak(entries)]).toEqual([tenant, undefined]);
    const { runId } = reportIn(first());
    const types = (found.get('demo') ?? []).filter((entry) => entry.runId === runId).map(({ type }) => type);
    expect(types).toEqual([
      'run.started',
      'credentials.issued',
      'change.bound',
      'approval.requested',
      'answer.given',
      'decision.made',
      'apply.authorized',
      'credentials.issued',
      'configure.authorized',
      'run.ended',
    ]);
  });

  test('an export of it is signed, and whole for our verifier and for another', async () => {
    const { file, lambda, cloudFormation, outputs } = await platformWithFunctions();
    const stack = await readStack(cloudFormation, 'orchestrator-local-orchestrator');
    const { FunctionError } = await lambda.send(
      new InvokeCommand({
        FunctionName: stack?.CheckpointLedgerFunctionName,
        Payload: JSON.stringify({ sweep: true }),
      }),
    );
    expect(FunctionError).toBeUndefined();
    const folder = join(await mkdtemp(join(tmpdir(), 'ledger-')), 'export');
    const key = join(folder, 'key.txt');
    await ledgerCommand(file.gatewayUrl, 'export', folder, '--env', 'local');
    expect(await ledgerCommand(file.gatewayUrl, 'verify', folder, '--key', key)).toContain('✔ demo: ');
    const text = (await readFile(key, 'utf8')).trim();
    expect(text.startsWith(`${outputs.ledgerOrigin}+`)).toBe(true);
    const { code, reports } = await secondOpinion(await ensureSecondVerifier(), folder, text);
    expect([code, new Set(reports.map(({ verdict }) => verdict))]).toEqual([0, new Set(['whole'])]);
    await rm(join(folder, '..'), { recursive: true });
  });

  test('the audit bucket has a copy of every entry', async () => {
    const platform = await platformNow();
    const runs = runsOn(platform);
    const entries = [...(await chains()).values()].flat();
    const copies = await eventually('the copies of all entries', async () => {
      const stored = await runs.versions(platform.auditBucket, 'ledger/');
      return stored.length >= entries.length ? stored : undefined;
    });
    const texts = await Promise.all(
      copies.map(async ({ Key = '', VersionId }) =>
        Buffer.from(await runs.read(platform.auditBucket, Key, VersionId), 'latin1').toString('utf8'),
      ),
    );
    const byHash = new Map(texts.map((text) => JSON.parse(text)).map((entry) => [entry.hash, entry]));
    for (const entry of entries) expect(byHash.get(entry.hash)).toEqual(entry);
  });
};
