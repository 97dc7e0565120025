import { boundPartsOf } from '../../lambdas/bind-change/bind-change';
import type { EndRunInput } from '../../lambdas/end-run/contract';
import { makeEndRun } from '../../lambdas/end-run/end-run';
import type { ApplyResult } from '../../lambdas/runners/contract';
import type { PlanResult } from '../../lambdas/shared/contract';
import type { RunRecord } from '../../lambdas/shared/run-record';
import { aContent, aPlan, aPlaybook, inLambda, inMemoryChangeStore } from '../support/change-fixtures';
import { aLease } from '../support/in-memory-leases';
import { inMemoryRunStore } from '../support/in-memory-run-store';
import { inMemoryWorkspaceStore } from '../support/in-memory-workspace-store';
import { recordingLedger } from '../support/recording-ledger';

const input = (change: Partial<EndRunInput> = {}): EndRunInput => ({
  runId: 'run-1',
  executionArn: 'arn:run-1',
  outcome: 'applied',
  summary: { add: 1, change: 0, destroy: 0, playbookChanged: 7, digest: 'a'.repeat(64) },
  decision: null,
  compliance: null,
  error: null,
  ...change,
});

const prepare = (heartbeatAt?: string) => {
  const runs = inMemoryRunStore();
  runs.runs.set('run-1', {
    runId: 'run-1',
    workflow: 'vm-provisioning',
    executionArn: 'arn:run-1',
    startedAt: '2026-01-01T00:00:00.000Z',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    status: 'running',
    open: '1',
    workspace: 'demo/web-01',
    ...(heartbeatAt ? { worker: { task: 'terraform-apply', heartbeatAt } } : {}),
  });
  runs.leases.set('demo/web-01', aLease('demo/web-01', 'run-1'));
  const ledger = recordingLedger();
  const changes = inMemoryChangeStore();
  const workspaces = inMemoryWorkspaceStore();
  const woken: unknown[] = [];
  const left: { result?: ApplyResult } = {};
  const endRun = makeEndRun({
    runs,
    leases: runs.leaseStore,
    changes,
    workspaces,
    ledger,
    wakeCallback: async (callback) => void woken.push(callback),
    findApplyResult: async () => left.result,
    now: () => new Date('2026-01-01T00:10:00Z'),
  });
  return { runs, ledger, changes, workspaces, woken, left, endRun };
};

test('records the outcome and gives the workspace back', async () => {
  const { runs, ledger, endRun } = prepare();
  expect(await endRun(input())).toMatchObject({
    outcome: 'applied',
    workflow: 'vm-provisioning',
    workspace: 'demo/web-01',
  });
  expect(runs.runs.get('run-1')).toMatchObject({ status: 'ended', outcome: 'applied' });
  expect(runs.leases.size).toBe(0);
  expect(ledger.events).toMatchObject([{ type: 'run.ended', tenant: 'demo', data: { outcome: 'applied' } }]);
});

test('the first recorded end stays, whatever comes later', async () => {
  const { ledger, endRun } = prepare();
  await endRun(input());
  const late = await endRun(input({ outcome: 'failed', error: { name: 'RunLostError', message: 'late' } }));
  expect(late).toMatchObject({ outcome: 'applied', error: null });
  expect(ledger.events).toHaveLength(1);
});

test('a workspace whose worker still reports is not given back', async () => {
  const { runs, endRun } = prepare('2026-01-01T00:09:59.000Z');
  await endRun(input({ outcome: 'failed', error: { name: 'States.Timeout', message: '' } }));
  expect(runs.leases.size).toBe(1);
  expect(runs.runs.get('run-1')?.open).toBe('1');
});

test('a report from before the clock jumped back keeps no workspace', async () => {
  const { runs, endRun } = prepare('2026-01-01T03:00:00.000Z');
  await endRun(input());
  expect(runs.leases.size).toBe(0);
});

test('a run that could not even begin has an end to notify, and is in the ledger once', async () => {
  const { endRun, ledger } = prepare();
  const refused = input({
    runId: 'unknown-run',
    executionArn: 'arn:unknown-run',
    outcome: 'failed',
    error: { name: 'InvalidInputError', message: 'no\u001b[2J' },
  });
  expect(await endRun(refused)).toMatchObject({ workspace: null, error: { message: 'no\ufffd[2J' } });
  await endRun(refused);
  expect(ledger.events).toMatchObject([
    { type: 'run.refused', tenant: 'unknown', data: { executionArn: 'arn:unknown-run' } },
  ]);
});

test('an execution that was refused because its name is taken does not end the run that has the name', async () => {
  const { runs, endRun } = prepare();
  const end = await endRun(
    input({
      executionArn: 'arn:another',
      outcome: 'failed',
      error: { name: 'InvalidInputError', message: 'A run named run-1 exists already.' },
    }),
  );
  expect(end).toMatchObject({ outcome: 'failed', workspace: null });
  expect(runs.runs.get('run-1')).toMatchObject({ status: 'running' });
  expect(runs.leases.size).toBe(1);
});

test('a workspace that the run took while its end was being recorded is given back', async () => {
  const { runs, endRun } = prepare();
  const { workspace: _, ...early } = runs.runs.get('run-1') as RunRecord;
  runs.runs.set('run-1', early);
  const end = runs.end;
  runs.end = async (...given) => {
    await runs.describe('run-1', {
      workspace: 'demo/web-01',
      content: aContent,
      attempt: 1,
      places: inLambda,
    });
    return end(...given);
  };
  await endRun(input({ outcome: 'failed', error: { name: 'States.Timeout', message: '' } }));
  expect(runs.leases.size).toBe(0);
});

const bound = (plan: Partial<PlanResult> = {}) => ({
  version: 1 as const,
  id: 'run-1-12345678',
  runId: 'run-1',
  workflow: 'vm-provisioning',
  workspace: 'demo/web-01',
  reason: 'a test',
  requestedBy: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-01T01:00:00.000Z',
  ...boundPartsOf({ ...aPlan, ...plan }, aPlaybook),
});

test('the workspace knows when it ends, until something else is applied or it is destroyed', async () => {
  const { runs, ledger, changes, workspaces, left, endRun } = prepare();
  const change = await changes.put(bound());
  await runs.describe('run-1', { workspace: 'demo/web-01', content: aContent, attempt: 1, places: inLambda });
  await runs.setResumes('run-1', { change, finished: {} });
  left.result = { counts: aPlan.counts, hosts: [], expiresAt: '2026-01-02T00:10:00.000Z' };
  await endRun(input());
  const known = () => workspaces.workspaces.get('demo/web-01')?.timeToLive;
  expect(known()).toEqual({ expiresAt: '2026-01-02T00:10:00.000Z', warned: 24, endedBy: null });
  expect(ledger.events.map(({ type }) => type)).toEqual(['run.ended']);
  await workspaces.clearApplied('demo/web-01', '2026-01-03T00:00:00.000Z');
  expect(known()).toBeUndefined();
});

test.each([
  ['later', '2026-01-03T00:00:00.000Z', true],
  ['sooner', '2026-01-01T12:00:00.000Z', false],
  ['when it ended before', '2026-01-02T00:00:00.000Z', false],
  ['never', null, false],
])('an end that was moved begins anew; the ledger tells of one that is %s', async (_, expiresAt, isTold) => {
  const { runs, ledger, changes, workspaces, left, endRun } = prepare();
  const before = '2026-01-02T00:00:00.000Z';
  await workspaces.setTimeToLive('demo/web-01', { expiresAt: before, warned: 1, endedBy: null });
  const change = await changes.put(bound());
  await runs.describe('run-1', { workspace: 'demo/web-01', content: aContent, attempt: 1, places: inLambda });
  await runs.setResumes('run-1', { change, finished: {} });
  left.result = { counts: aPlan.counts, hosts: [], expiresAt };
  await endRun(input());
  await endRun(input());
  expect(workspaces.workspaces.get('demo/web-01')?.timeToLive?.expiresAt).toBe(expiresAt ?? undefined);
  expect(ledger.events.filter(({ type }) => type === 'time-to-live.extended')).toMatchObject(
    isTold ? [{ tenant: 'demo', runId: 'run-1', data: { changeId: change.id, before, expiresAt } }] : [],
  );
});

test('after a whole success the workspace knows what it was brought to, and how long that took', async () => {
  const { runs, changes, workspaces, endRun } = prepare();
  const change = await changes.put(bound());
  const finished = { 'terraform-apply': { changeId: change.id, at: '2026-01-01T00:05:00.000Z', seconds: 7 } };
  await runs.describe('run-1', { workspace: 'demo/web-01', content: aContent, attempt: 1, places: inLambda });
  await runs.setResumes('run-1', { change, finished });
  await endRun(input());
  expect(workspaces.workspaces.get('demo/web-01')).toMatchObject({
    applied: {
      runId: 'run-1',
      changeId: change.id,
      moduleDigest: aPlan.digests.module,
      variables: { name: 'web-01' },
      roleDigest: aPlaybook.digests.role,
    },
    durations: { 'terraform-apply': 7 },
    interrupted: [],
  });
});

test('a task that ran out of time is known to the next run, until it is done', async () => {
  const { runs, workspaces, endRun } = prepare();
  const at = '2026-01-01T00:05:00.000Z';
  await runs.describe('run-1', { workspace: 'demo/web-01', content: aContent, attempt: 1, places: inLambda });
  runs.runs.set('run-1', {
    ...(runs.runs.get('run-1') as RunRecord),
    finished: { 'terraform-plan': { changeId: null, at, seconds: 7 } },
    interrupted: { task: 'terraform-apply', at, seconds: 840 },
  });
  await endRun(input({ outcome: 'failed', error: { name: 'DeadlineError', message: '' } }));
  const known = { durations: { 'terraform-plan': 7 }, interrupted: ['terraform-apply'] };
  expect(workspaces.workspaces.get('demo/web-01')).toMatchObject(known);
  await workspaces.setDurations('demo/web-01', { 'terraform-apply': 900 }, []);
  expect(workspaces.workspaces.get('demo/web-01')?.interrupted).toEqual([]);
});

test('a failed run leaves what was applied before; a destruction forgets it; a lost change keeps no workspace', async () => {
  const applied = { runId: 'run-0', changeId: 'run-0-1', at: '2025-01-01T00:00:00.000Z' };
  const known = {
    ...applied,
    ...aContent,
    module: 'local-host',
    moduleDigest: 'a'.repeat(64),
    roleDigest: null,
  };
  const end = async (plan: Partial<PlanResult>, given: Partial<EndRunInput>, lost = false) => {
    const { runs, changes, workspaces, endRun } = prepare();
    await workspaces.setApplied('demo/web-01', known);
    await runs.describe('run-1', {
      workspace: 'demo/web-01',
      content: aContent,
      attempt: 1,
      places: inLambda,
    });
    await runs.setResumes('run-1', { change: await changes.put(bound(plan)) });
    if (lost) changes.changes.clear();
    await endRun(input(given));
    expect(runs.leases.size).toBe(0);
    return workspaces.workspaces.get('demo/web-01')?.applied?.runId;
  };
  const failed = { outcome: 'failed' as const, error: { name: 'AnsibleError', message: 'no' } };
  expect(await end({}, failed)).toBe('run-0');
  expect(await end({}, {}, true)).toBe('run-0');
  expect(await end({ mode: 'destroy' }, {})).toBeUndefined();
});

test('a preview leaves the workspace, its lease and what is known of it as they were', async () => {
  const { runs, workspaces, woken, endRun } = prepare();
  const run = runs.runs.get('run-1') as RunRecord;
  const finished = { 'terraform-plan': { changeId: null, at: '2026-01-01T00:01:00Z', seconds: 900 } };
  const content = { ...aContent, preview: true as const };
  runs.runs.set('run-1', { ...run, workflow: 'plan-preview', content, finished });
  runs.leases.set('demo/web-01', aLease('demo/web-01', 'another-run'));
  expect(await endRun(input({ outcome: 'previewed' }))).toMatchObject({ outcome: 'previewed' });
  expect(runs.runs.get('run-1')).toMatchObject({ status: 'ended', outcome: 'previewed' });
  expect(runs.runs.get('run-1')?.open).toBeUndefined();
  expect(runs.leases.get('demo/web-01')).toEqual(aLease('demo/web-01', 'another-run'));
  expect(workspaces.workspaces.get('demo/web-01')).toBeUndefined();
  expect(woken).toEqual([]);
});
