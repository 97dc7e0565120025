import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { makeRunWatch } from '../../lambdas/runners/run-watch';
import type { RunRecord } from '../../lambdas/shared/run-record';
import { makeRunStore, type RunStore } from '../../lambdas/shared/run-store';
import type { AppliedContent } from '../../lambdas/shared/workspace-record';
import { makeWorkspaceStore, type WorkspaceStore } from '../../lambdas/shared/workspace-store';
import { aContent, inLambda } from '../support/change-fixtures';
import { clients, endFixture, type Fixture, startFixture } from '../support/emulator-fixture';
import { createRunTables } from '../support/run-tables';

jest.setTimeout(60_000);

let fixture: Fixture;
let store: RunStore;
let documents: DynamoDBDocumentClient;
let workspaces: WorkspaceStore;

beforeAll(async () => {
  fixture = await startFixture();
  const client = new DynamoDBClient(clients(fixture).config);
  await createRunTables(client);
  documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  workspaces = makeWorkspaceStore({ client: documents, workspacesTable: 'workspaces' });
  store = makeRunStore({
    client: documents,
    runsTable: 'runs',
  });
});
afterAll(() => endFixture(fixture));

const aRun = (runId: string): RunRecord => ({
  runId,
  workflow: 'vm-provisioning',
  executionArn: `arn:${runId}`,
  startedAt: '2026-01-01T00:00:00.000Z',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  status: 'running',
  open: '1',
});
const about = (workspace: string) => ({ workspace, content: aContent, attempt: 1, places: inLambda });
test('a name is recorded once; who comes later gets the record that stands', async () => {
  await store.create(aRun('once'));
  await store.describe('once', about('demo/once'));
  expect(await store.create({ ...aRun('once'), executionArn: 'arn:other' })).toMatchObject({
    executionArn: 'arn:once',
    workspace: 'demo/once',
  });
});

test('a run that was stopped is not described, and ends once', async () => {
  await store.create(aRun('c'));
  await store.describe('c', about('demo/y'));
  await store.markStopping('c');
  expect(await store.describe('c', about('demo/z'))).toBe(false);
  const end = { outcome: 'failed' as const, endedAt: '2026-01-01T00:00:00.000Z', result: {} };
  expect([await store.end('c', end), await store.end('c', end)]).toEqual([true, false]);
  await store.close('c');
});

test('lists every open run, however many pages they take', async () => {
  const result = 'x'.repeat(300_000);
  for (let n = 0; n < 5; n++) await store.create({ ...aRun(`open-${n}`), result });
  const open = (await store.listOpen()).map(({ runId }) => runId);
  expect(open).toEqual(expect.arrayContaining(['open-0', 'open-1', 'open-2', 'open-3', 'open-4']));
  expect(open).not.toContain('c');
});

const applied = (runId: string, at: string): AppliedContent => ({
  runId,
  changeId: `${runId}-1`,
  at,
  module: 'local-host',
  moduleDigest: 'a'.repeat(64),
  variables: { name: 'web-01' },
  role: null,
  roleDigest: null,
  roleVariables: {},
});

test('a workspace keeps what was applied last, whatever is repeated late', async () => {
  await workspaces.setApplied('demo/kept', applied('run-2', '2026-01-02T00:00:00.000Z'));
  await workspaces.setApplied('demo/kept', applied('run-1', '2026-01-01T00:00:00.000Z'));
  await workspaces.clearApplied('demo/kept', '2026-01-01T12:00:00.000Z');
  expect((await workspaces.get('demo/kept'))?.applied?.runId).toBe('run-2');
  await workspaces.clearApplied('demo/kept', '2026-01-03T00:00:00.000Z');
  await workspaces.clearApplied('demo/kept', '2026-01-03T00:00:00.000Z');
  expect(await workspaces.get('demo/kept')).toEqual({ workspace: 'demo/kept' });
  expect(await workspaces.get('demo/unknown')).toBeUndefined();
});

test('an end by the clock is found, tended only as it was read, and gone with what was applied', async () => {
  const timed = { expiresAt: '2026-02-01T00:00:00.000Z', warned: null, endedBy: null };
  const workspace = 'demo/ending';
  const mine = async () => (await workspaces.listTimed()).filter((one) => one.workspace === workspace);
  await workspaces.setApplied(workspace, applied('run-5', '2026-01-01T00:00:00.000Z'));
  await workspaces.setTimeToLive(workspace, timed);
  const warned = { ...timed, warned: 24 };
  expect(await workspaces.tendTimeToLive(workspace, timed, warned)).toBe(true);
  expect(await workspaces.tendTimeToLive(workspace, timed, warned)).toBe(false);
  await workspaces.setTimeToLive(workspace, timed);
  expect(await mine()).toEqual([{ workspace, timeToLive: warned }]);
  await workspaces.clearApplied(workspace, '2026-01-02T00:00:00.000Z');
  expect(await mine()).toEqual([]);
});

test('durations of one task leave those of others; drift goes with the next success', async () => {
  await workspaces.setDurations('demo/timed', { 'terraform-plan': 3 }, [
    'terraform-apply',
    'ansible-run-run',
  ]);
  await workspaces.setDurations('demo/timed', { 'terraform-plan': 4, 'terraform-apply': 9 }, []);
  await workspaces.setDurations('demo/timed', {}, []);
  const drift = {
    runId: 'run-3',
    checkedAt: '2026-01-02T00:00:00.000Z',
    total: 1,
    since: { 'state:a.b': 'now' },
  };
  await workspaces.setDrift('demo/timed', drift);
  expect(await workspaces.get('demo/timed')).toEqual({
    workspace: 'demo/timed',
    durations: { 'terraform-plan': 4, 'terraform-apply': 9 },
    interrupted: ['ansible-run-run'],
    drift,
  });
  await workspaces.setApplied('demo/timed', applied('run-4', '2026-01-02T00:00:00.000Z'));
  expect((await workspaces.get('demo/timed'))?.drift).toBeUndefined();
});

test('a workspace keeps its newest change, whatever is repeated late', async () => {
  const bound = (changeId: string, at: string) => ({ changeId, runId: 'run-1', at });
  await workspaces.setNewestChange('demo/planned', bound('first', '2026-01-01T00:00:00.000Z'));
  await workspaces.setNewestChange('demo/planned', bound('second', '2026-01-02T00:00:00.000Z'));
  await workspaces.setNewestChange('demo/planned', bound('first', '2026-01-01T00:00:00.000Z'));
  expect((await workspaces.get('demo/planned'))?.newestChange?.changeId).toBe('second');
});

test('a worker that signs off leaves what it did, and a resumed run takes it over', async () => {
  await store.create({ ...aRun('worked'), finished: {} });
  const watch = makeRunWatch({ client: documents, runsTable: 'runs' });
  const at = '2026-01-01T00:00:01.000Z';
  expect(await watch.report('worked', 'ansible-run', new Date(at))).toEqual({ status: 'running' });
  const done = { changeId: 'worked-1', at, seconds: 7 };
  await watch.leave('worked', 'ansible-run', { finished: 'ansible-run-run', ...done });
  const worked = await store.get('worked');
  expect(worked).toMatchObject({ finished: { 'ansible-run-run': done } });
  expect(worked?.worker).toBeUndefined();

  await store.create({ ...aRun('again'), finished: {} });
  const resumes = { runId: 'worked', changeId: 'worked-1' };
  await store.setResumes('again', { resumes, change: undefined, finished: worked?.finished });
  expect(await store.get('again')).toMatchObject({ resumes, finished: { 'ansible-run-run': done } });
  expect(await watch.report('again', 'ansible-run', new Date(at))).toEqual({ status: 'running', resumes });
  await watch.leave('again', 'ansible-run', { interrupted: 'ansible-run-run', at, seconds: 840 });
  const late = await store.get('again');
  expect(late).toMatchObject({ interrupted: { task: 'ansible-run-run', at, seconds: 840 } });
  expect(late?.worker).toBeUndefined();
});
