import { makeAwaitLease } from '../../lambdas/await-lease/await-lease';
import { InvalidInputError, RunStoppedError, WorkspaceBusyError } from '../../lambdas/shared/errors';
import { queueLimit } from '../../lambdas/shared/lease-record';
import { aLease } from '../support/in-memory-leases';
import { inMemoryRunStore } from '../support/in-memory-run-store';
import { recordingLedger } from '../support/recording-ledger';

const workspace = 'demo/web-01';
const prepare = async () => {
  const runs = inMemoryRunStore();
  const ledger = recordingLedger();
  const woken: unknown[] = [];
  await runs.create({
    runId: 'run-2',
    workflow: 'vm-provisioning',
    executionArn: 'arn:run-2',
    startedAt: '2026-01-01T00:00:00.000Z',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    status: 'running',
    open: '1',
    workspace,
  });
  const awaitLease = makeAwaitLease({
    runs,
    leases: runs.leaseStore,
    ledger,
    wakeCallback: async (callback) => void woken.push(callback),
    now: () => new Date('2026-01-01T00:00:00Z'),
  });
  return { runs, ledger, woken, wait: () => awaitLease({ runId: 'run-2', taskToken: 'TASK-TOKEN' }) };
};

test('a run behind another waits in the queue, recorded without its token', async () => {
  const { runs, ledger, woken, wait } = await prepare();
  runs.leases.set(workspace, aLease(workspace, 'run-1'));
  expect(await wait()).toEqual({ workspace, how: 'queued' });
  expect(runs.leases.get(workspace)?.queue).toEqual(['run-2']);
  expect(ledger.events).toMatchObject([{ type: 'lease.awaited', tenant: 'demo', runId: 'run-2' }]);
  expect(JSON.stringify(ledger.events)).not.toContain('TASK-TOKEN');
  expect(woken).toEqual([]);
});

test('a run whose workspace is free by now gets it and is woken', async () => {
  const { runs, woken, wait } = await prepare();
  expect(await wait()).toEqual({ workspace, how: 'granted' });
  expect(runs.leases.get(workspace)?.runId).toBe('run-2');
  expect(woken).toEqual([{ leasedTo: 'run-2' }]);
});

test('refuses a run that was stopped, one without a workspace, and one too many', async () => {
  const stopped = await prepare();
  await stopped.runs.markStopping('run-2');
  await expect(stopped.wait()).rejects.toThrow(RunStoppedError);
  const unknown = await prepare();
  unknown.runs.runs.clear();
  await expect(unknown.wait()).rejects.toThrow(InvalidInputError);
  const full = await prepare();
  const queue = Array.from({ length: queueLimit }, (_, n) => `q-${n}`);
  full.runs.leases.set(workspace, aLease(workspace, 'run-1', { queue }));
  await expect(full.wait()).rejects.toThrow(WorkspaceBusyError);
});
