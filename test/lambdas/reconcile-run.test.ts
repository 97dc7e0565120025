import { makeEndRun } from '../../lambdas/end-run/end-run';
import { makeReconcileRun } from '../../lambdas/reconcile-run/reconcile-run';
import type { ExecutionStatus } from '../../lambdas/shared/execution-status';
import type { RunRecord } from '../../lambdas/shared/run-record';
import { inMemoryChangeStore } from '../support/change-fixtures';
import { aLease } from '../support/in-memory-leases';
import { inMemoryRunStore } from '../support/in-memory-run-store';
import { inMemoryWorkspaceStore } from '../support/in-memory-workspace-store';
import { recordingLedger } from '../support/recording-ledger';

const digest = 'a'.repeat(64);
const running: RunRecord = {
  runId: 'run-1',
  workflow: 'vm-provisioning',
  executionArn: 'arn:run-1',
  startedAt: '2026-01-01T00:00:00.000Z',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  status: 'running',
  open: '1',
  workspace: 'demo/web-01',
};

const endRunOf = (
  runs: ReturnType<typeof inMemoryRunStore>,
  ledger: ReturnType<typeof recordingLedger>,
  now: () => Date,
) =>
  makeEndRun({
    findApplyResult: async () => undefined,
    runs,
    leases: runs.leaseStore,
    changes,
    workspaces,
    ledger,
    wakeCallback: async () => undefined,
    now,
  });
const changes = inMemoryChangeStore();
const workspaces = inMemoryWorkspaceStore();

const prepare = (run: RunRecord, status: ExecutionStatus = 'ABORTED') => {
  const runs = inMemoryRunStore();
  runs.runs.set(run.runId, run);
  runs.leases.set('demo/web-01', aLease('demo/web-01', run.runId));
  const ledger = recordingLedger();
  const cause: { text: string | null } = { text: null };
  const closed: string[] = [];
  const notified: string[] = [];
  let clock = Date.parse('2026-01-01T01:00:00Z');
  const now = () => new Date(clock);
  const onSleep: (() => void)[] = [];
  const reconcile = makeReconcileRun({
    runs,
    executionStatus: async () => status,
    stopCause: async () => cause.text,
    closeApproval: async ({ change }) => {
      closed.push(change.id);
    },
    endRun: endRunOf(runs, ledger, now),
    notify: async ({ error }) => {
      notified.push(error?.name ?? 'none');
    },
    now,
    sleep: async (milliseconds) => {
      clock += milliseconds;
      onSleep.shift()?.();
    },
  });
  return { runs, ledger, closed, notified, reconcile, now, onSleep, cause };
};
const stopped = (status: 'ABORTED' | 'TIMED_OUT' | 'RUNNING' = 'ABORTED') => ({
  detail: { executionArn: 'arn:run-1', name: 'run-1', status },
});

test('a run stopped in the console is recorded, notified, its approval voided and its workspace given back', async () => {
  const change = {
    id: 'run-1-aaaaaaaa',
    digest,
    ref: { bucket: 'bbb', key: 'k', versionId: 'v', sha256: digest },
  };
  const { runs, ledger, closed, notified, reconcile } = prepare({ ...running, change });
  expect(await reconcile(stopped())).toEqual({ reconciled: ['run-1'] });
  expect(runs.runs.get('run-1')).toMatchObject({ status: 'ended', outcome: 'failed' });
  expect(runs.runs.get('run-1')?.open).toBeUndefined();
  expect(runs.leases.size).toBe(0);
  expect(closed).toEqual(['run-1-aaaaaaaa']);
  expect(notified).toEqual(['RunStoppedError']);
  expect(ledger.events).toMatchObject([{ type: 'run.ended', data: { error: 'RunStoppedError' } }]);
});

test.each([
  [null, 'The run was stopped. What'],
  ['Wrong size, by kim', 'The run was stopped (Wrong size, by kim). What'],
  ['Interrupted.\u001b[2J', 'The run was stopped (Interrupted.\ufffd[2J). What'],
])('a stop is told with what was said of it: %j', async (text, message) => {
  const { runs, reconcile, cause } = prepare(running);
  cause.text = text;
  await reconcile(stopped());
  expect(runs.runs.get('run-1')?.result).toMatchObject({
    error: { message: expect.stringContaining(message) },
  });
});

test('a run that is stopped while it waits for a workspace leaves the queue', async () => {
  const { runs, reconcile } = prepare(running);
  runs.leases.set('demo/web-01', aLease('demo/web-01', 'run-0', { queue: ['run-1', 'run-2'] }));
  await reconcile(stopped());
  expect(runs.leases.get('demo/web-01')).toMatchObject({ runId: 'run-0', queue: ['run-2'] });
});

test('the workspace stays taken while its worker reports, and is given back once the worker is gone', async () => {
  const { runs, reconcile, now, onSleep } = prepare(running);
  const worker = { task: 'terraform-apply', heartbeatAt: now().toISOString() };
  runs.runs.set('run-1', { ...running, worker });
  onSleep.push(() => {
    expect(runs.leases.size).toBe(1);
    expect(runs.runs.get('run-1')?.status).toBe('stopping');
    const { worker: _, ...quiet } = runs.runs.get('run-1') as RunRecord;
    runs.runs.set('run-1', quiet);
  });
  await reconcile(stopped());
  expect(runs.leases.size).toBe(0);
});

test('a second event and the sweep change nothing any more', async () => {
  const { notified, reconcile } = prepare(running, 'TIMED_OUT');
  await reconcile(stopped('TIMED_OUT'));
  expect(await reconcile(stopped('TIMED_OUT'))).toEqual({ reconciled: [] });
  expect(await reconcile({ sweep: true })).toEqual({ reconciled: [] });
  expect(notified).toEqual(['RunTimedOutError']);
});

test('the sweep ends runs whose event was lost and leaves running ones alone', async () => {
  const lost = prepare(running, 'GONE');
  expect(await lost.reconcile({ sweep: true })).toEqual({ reconciled: ['run-1'] });
  expect(lost.notified).toEqual(['RunLostError']);
  const alive = prepare(running, 'RUNNING');
  expect(await alive.reconcile({ sweep: true })).toEqual({ reconciled: [] });
  expect(alive.runs.leases.size).toBe(1);
});

test('an end that was recorded but not finished is finished and told, once', async () => {
  const { runs, ledger, notified, reconcile, now } = prepare(running, 'FAILED');
  const append = ledger.append;
  ledger.append = async () => {
    throw new Error('the function was killed here');
  };
  const dying = endRunOf(runs, ledger, now);
  await expect(
    dying({
      runId: 'run-1',
      executionArn: 'arn:run-1',
      outcome: 'applied',
      summary: null,
      decision: null,
      compliance: null,
      error: null,
    }),
  ).rejects.toThrow('killed');
  ledger.append = append;
  expect(await reconcile({ sweep: true })).toEqual({ reconciled: ['run-1'] });
  expect(await reconcile({ sweep: true })).toEqual({ reconciled: [] });
  expect(ledger.events).toMatchObject([{ type: 'run.ended', data: { outcome: 'applied' } }]);
  expect(runs.leases.size).toBe(0);
  expect(notified).toEqual(['none']);
});

test('a run that its worker outlived gives its workspace back without being told again', async () => {
  const { runs, notified, reconcile, now, onSleep } = prepare(running, 'FAILED');
  const worker = { task: 'terraform-apply', heartbeatAt: now().toISOString() };
  runs.runs.set('run-1', { ...running, worker });
  await endRunOf(
    runs,
    recordingLedger(),
    now,
  )({
    runId: 'run-1',
    executionArn: 'arn:run-1',
    outcome: 'failed',
    summary: null,
    decision: null,
    compliance: null,
    error: { name: 'DeadlineError', message: 'late' },
  });
  expect(runs.leases.size).toBe(1);
  onSleep.push(() => {
    const { worker: _, ...quiet } = runs.runs.get('run-1') as RunRecord;
    runs.runs.set('run-1', quiet);
  });
  expect(await reconcile({ sweep: true })).toEqual({ reconciled: [] });
  expect(runs.leases.size).toBe(0);
  expect(notified).toEqual([]);
});

test('an event of another execution with the same name is ignored', async () => {
  const { runs, reconcile } = prepare({ ...running, executionArn: 'arn:another' });
  expect(await reconcile(stopped())).toEqual({ reconciled: [] });
  expect(runs.runs.get('run-1')?.status).toBe('running');
});
