import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { makeTicketOutbox, type Outbox } from '../../lambdas/send-callback/outbox';
import type { Ticket } from '../../lambdas/shared/lease-record';
import { type LeaseStore, makeLeaseStore } from '../../lambdas/shared/lease-store';
import { type LeaseTable, makeLeaseTable } from '../../lambdas/shared/lease-table';
import { makeRunStore, type RunStore } from '../../lambdas/shared/run-store';
import { clients, endFixture, type Fixture, startFixture } from '../support/emulator-fixture';
import { createRunTables } from '../support/run-tables';

jest.setTimeout(60_000);

let fixture: Fixture;
let runs: RunStore;
let table: LeaseTable;
let leases: LeaseStore;
let outbox: Outbox<Ticket>;

beforeAll(async () => {
  fixture = await startFixture();
  const dynamo = new DynamoDBClient(clients(fixture).config);
  await createRunTables(dynamo);
  const client = DynamoDBDocumentClient.from(dynamo, { marshallOptions: { removeUndefinedValues: true } });
  runs = makeRunStore({ client, runsTable: 'runs' });
  table = makeLeaseTable({ client, runsTable: 'runs', leasesTable: 'leases' });
  leases = makeLeaseStore(table);
  outbox = makeTicketOutbox({ client, table: 'leases' });
});
afterAll(() => endFixture(fixture));

const at = '2026-01-01T00:00:00.000Z';
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const start = (...names: string[]) =>
  Promise.all(
    names.map((runId) =>
      runs.create({
        runId,
        workflow: 'vm-provisioning',
        executionArn: `arn:${runId}`,
        startedAt: at,
        traceparent,
        status: 'running',
        open: '1',
      }),
    ),
  );
const claim = (runId: string, workspace: string) => ({ runId, workspace, at });
const wait = (runId: string, workspace: string, taskToken = `token of ${runId}`) =>
  leases.enqueue({ ...claim(runId, workspace), taskToken, traceparent });

test('one run has a workspace, and may take it again; the other hears who has it', async () => {
  await start('a', 'b');
  expect(await leases.acquire(claim('a', 'demo/x'))).toBe('acquired');
  expect(await leases.acquire(claim('a', 'demo/x'))).toBe('acquired');
  expect(await leases.acquire(claim('b', 'demo/x'))).toMatchObject({ holder: { runId: 'a' } });
  expect(await leases.release(claim('b', 'demo/x'))).toEqual(['a']);
  expect(await leases.release(claim('a', 'demo/x'))).toEqual([]);
  expect(await leases.find('demo/x')).toBeUndefined();
});

test('the workspace goes to the first that waits and still runs, into the outbox with its newest token', async () => {
  await start('h', 'w1', 'w2', 'w3');
  await leases.acquire(claim('h', 'demo/q'));
  expect([await wait('w1', 'demo/q'), await wait('w2', 'demo/q'), await wait('w3', 'demo/q')]).toEqual(
    Array(3).fill('queued'),
  );
  expect(await wait('w2', 'demo/q', 'newer')).toBe('queued');
  await runs.markStopping('w1');
  expect(await outbox.pending(10)).toEqual([]);
  expect(await leases.release(claim('h', 'demo/q'))).toEqual(['w2']);
  expect(await leases.find('demo/q')).toMatchObject({ runId: 'w2', queue: ['w3'] });
  expect(await outbox.pending(10)).toEqual(['w2']);
  const ticket = await outbox.get('w2');
  expect(ticket).toMatchObject({ awaits: 'demo/q', taskToken: 'newer', callbackPending: '1' });
  await outbox.clear('w2', 'another');
  expect(await outbox.pending(10)).toEqual(['w2']);
  await outbox.clear('w2', 'newer');
  expect(await outbox.pending(10)).toEqual([]);
  expect(await outbox.get('w1')).toBeUndefined();
  await leases.release(claim('w3', 'demo/q'));
  expect(await leases.release(claim('w2', 'demo/q'))).toEqual([]);
  expect([await outbox.get('w2'), await outbox.get('w3')]).toEqual([undefined, undefined]);
});

test('who waits for a workspace that is free gets it; who was stopped gets nothing', async () => {
  await start('f', 's');
  expect(await wait('f', 'demo/free')).toBe('granted');
  expect(await outbox.pending(10)).toEqual(['f']);
  await runs.markStopping('s');
  expect(await wait('s', 'demo/free')).toBe('stopped');
  expect(await leases.acquire(claim('s', 'demo/other'))).toBe('stopped');
});

test('of many that come at once one has the workspace, and each gets it in its turn', async () => {
  const names = Array.from({ length: 8 }, (_, n) => `race-${n}`);
  await start(...names);
  const how = await Promise.all(names.map((runId) => wait(runId, 'demo/race')));
  expect(how.filter((one) => one === 'granted')).toHaveLength(1);
  const order = [(await leases.find('demo/race'))?.runId ?? ''];
  const { queue = [] } = (await leases.find('demo/race')) ?? {};
  for (let next: string | undefined = order[0]; next !== undefined; ) {
    [next] = await leases.release(claim(next, 'demo/race'));
    if (next !== undefined) order.push(next);
  }
  expect(order.slice(1)).toEqual(queue);
  expect([...order].sort()).toEqual(names);
});

test('a tenant has as many workspaces as its cap; a place goes to the first whose workspace is free', async () => {
  const capped = makeLeaseStore(table, { capOf: (tenant) => (tenant === 'acme' ? 1 : undefined) });
  await start('t1', 't2', 't3', 't4');
  const waiting = (runId: string, workspace: string) =>
    capped.enqueue({ ...claim(runId, workspace), taskToken: `token of ${runId}`, traceparent });
  expect(await capped.acquire(claim('t1', 'acme/a'))).toBe('acquired');
  expect(await capped.acquire(claim('t2', 'acme/b'))).toEqual({
    busy: { tenant: 'acme', cap: 1, held: { 'acme/a': 't1' } },
  });
  expect([
    await waiting('t2', 'acme/b'),
    await waiting('t3', 'acme/c'),
    await waiting('t4', 'acme/a'),
  ]).toEqual(Array(3).fill('queued'));
  await runs.markStopping('t2');
  // Who ends runs knows of no caps: the line keeps its own.
  expect(await leases.release(claim('t1', 'acme/a'))).toEqual(['t3']);
  expect((await outbox.get('t3'))?.callbackPending).toBe('1');
  expect(await leases.find('acme/c')).toMatchObject({ runId: 't3' });
  expect(await leases.release(claim('t3', 'acme/c'))).toEqual(['t4']);
  expect(await leases.release(claim('t4', 'acme/a'))).toEqual([]);
  expect((await table.read('acme/a')).line).toBeUndefined();
  expect([await outbox.get('t2'), await outbox.get('t3'), await outbox.get('t4')]).toEqual(
    Array(3).fill(undefined),
  );
});

test('of many of one tenant that come at once no more than its cap work, and all have their turn', async () => {
  const capped = makeLeaseStore(table, { capOf: () => 2 });
  const names = Array.from({ length: 8 }, (_, n) => `crowd-${n}`);
  const of = (runId: string) => `crowd/${runId}`;
  await start(...names);
  await Promise.all(
    names.map((runId) =>
      capped.enqueue({ ...claim(runId, of(runId)), taskToken: `token of ${runId}`, traceparent }),
    ),
  );
  const served = new Set<string>();
  for (let round = 0; round < names.length; round++) {
    const { line } = await table.read('crowd/any');
    const holders = Object.values(line?.held ?? {});
    expect(holders).toHaveLength(Math.min(2, names.length - served.size));
    await Promise.all(holders.map((runId) => leases.release(claim(runId, of(runId)))));
    for (const runId of holders) served.add(runId);
    if (served.size === names.length) break;
  }
  expect([...served].sort()).toEqual(names);
  expect((await table.read('crowd/any')).line).toBeUndefined();
});
