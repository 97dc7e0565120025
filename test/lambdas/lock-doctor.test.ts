import fc from 'fast-check';
import { diagnose, type Facts, type RunFacts } from '../../lambdas/lock-doctor/diagnose';
import { makeLockDoctor } from '../../lambdas/lock-doctor/lock-doctor';
import type { StateLock, StateObjects, StoredState } from '../../lambdas/lock-doctor/state-objects';
import type { ExecutionStatus } from '../../lambdas/shared/execution-status';
import { type RunRecord, workerSilenceSeconds } from '../../lambdas/shared/run-record';
import { aLease } from '../support/in-memory-leases';
import { inMemoryRunStore } from '../support/in-memory-run-store';
import { recordingLedger } from '../support/recording-ledger';

const workspace = 'demo/web-01';
const now = new Date('2026-01-01T12:00:00.000Z');
const ago = (seconds: number): string => new Date(now.getTime() - seconds * 1000).toISOString();
const aLock = (age: number): StateLock => ({
  id: '3c5a0c0e-4a0f-3b0e-9f0d-0123456789ab',
  who: 'root@worker',
  operation: 'OperationTypeApply',
  createdAt: ago(age),
  etag: '"1"',
});
const aRun = (more: Partial<RunFacts> = {}): RunFacts => ({
  runId: 'run-1',
  startedAt: ago(900),
  status: 'running',
  execution: 'RUNNING',
  watchedSince: now,
  ...more,
});
const reported = (seconds: number, task = 'terraform-apply') => ({
  worker: { task, heartbeatAt: ago(seconds) },
});
const ended = { status: 'ended' as const, execution: 'ENDED' as const };
const facts = (more: Partial<Facts> = {}): Facts => ({
  workspace,
  now,
  lock: undefined,
  lease: undefined,
  holder: undefined,
  former: undefined,
  state: undefined,
  rescued: undefined,
  ...more,
});
const held = (age: number) => aLease(workspace, 'run-1', { acquiredAt: ago(age) });

test.each<[string, Partial<Facts>, string, string[], RegExp]>([
  ['nothing at all', {}, 'healthy', [], /Nothing is held/],
  ['a run at work', { lease: held(60), holder: aRun(reported(1)) }, 'healthy', [], /It is running/],
  [
    'the lock of a worker that reports',
    { lock: aLock(60), lease: held(300), holder: aRun(reported(1)) },
    'wait',
    [],
    /last reported 1 seconds ago, so it may be alive/,
  ],
  [
    'the lock of a worker that is silent, in a run that goes on',
    { lock: aLock(60), lease: held(300), holder: aRun(reported(31)) },
    'repair',
    ['release-lock'],
    /last reported 31 seconds ago, so it is gone/,
  ],
  [
    'a lock in a run whose worker signed off just now',
    { lock: aLock(60), lease: held(300), holder: aRun({ watchedSince: new Date(ago(3)) }) },
    'wait',
    [],
    /no worker has reported for 3 seconds, so it may be alive/,
  ],
  [
    'a lock that is too young',
    { lock: aLock(10), lease: held(5), former: aRun({ ...ended, endedAt: ago(100) }) },
    'wait',
    [],
    /too short to tell/,
  ],
  [
    'the lock of a run before, under the next run whose worker reports',
    {
      lock: aLock(200),
      lease: held(20),
      holder: aRun(reported(1)),
      former: aRun({ ...ended, runId: 'run-0', endedAt: ago(100) }),
    },
    'repair',
    ['release-lock'],
    /taken during run run-0, which has ended/,
  ],
  [
    'the lock of a run that ended a moment ago',
    { lock: aLock(60), former: aRun({ ...ended, endedAt: ago(10) }) },
    'wait',
    [],
    /may be alive/,
  ],
  [
    'a lock that either of two runs may have taken, of which one still reports',
    {
      lock: aLock(62),
      lease: held(60),
      holder: aRun(reported(40)),
      former: aRun({ ...ended, runId: 'run-0', ...reported(2) }),
    },
    'wait',
    [],
    /Run run-0 may have taken it/,
  ],
  ['a lock of nobody known', { lock: aLock(129 * 60) }, 'wait', [], /No run is known that took it/],
  [
    'a lock of nobody known that no worker can have outlived',
    { lock: aLock(130 * 60 + 1) },
    'repair',
    ['release-lock'],
    /No worker lives longer/,
  ],
  [
    'a lock and a lease of a run of which nothing is recorded',
    { lock: aLock(3600), lease: held(4000) },
    'wait',
    [],
    /A person must look/,
  ],
  [
    'a lease whose run has ended',
    { lease: held(900), holder: aRun({ ...ended, endedAt: ago(60) }) },
    'repair',
    ['release-lease'],
    /has not given it back/,
  ],
  [
    'a lease whose run ended while its worker still reports',
    { lease: held(900), holder: aRun({ ...ended, endedAt: ago(60), ...reported(2) }) },
    'wait',
    [],
    /may be alive/,
  ],
  [
    'a lease whose execution ended unrecorded',
    { lease: held(900), holder: aRun({ execution: 'GONE' }) },
    'wait',
    [],
    /the reconciler records its end/,
  ],
  [
    'a rescued state that follows the one at its place',
    { rescued: { lineage: 'a', serial: 5 }, state: { lineage: 'a', serial: 4 } },
    'repair',
    ['restore-state'],
    /predecessor of serial 4/,
  ],
  ['a rescued first state', { rescued: { lineage: 'a', serial: 1 } }, 'repair', ['restore-state'], /none/],
  [
    'a rescued state that was overtaken',
    { rescued: { lineage: 'a', serial: 5 }, state: { lineage: 'a', serial: 5 } },
    'wait',
    [],
    /moved on/,
  ],
  [
    'a rescued state of another lineage',
    { rescued: { lineage: 'a', serial: 5 }, state: { lineage: 'b', serial: 1 } },
    'wait',
    [],
    /another lineage/,
  ],
  [
    'a rescued state under a lock that may be somebody’s',
    { rescued: { lineage: 'a', serial: 5 }, lock: aLock(60) },
    'wait',
    [],
    /restored when the state is not locked/,
  ],
  [
    'a rescued state under a dead lock',
    { rescued: { lineage: 'a', serial: 5 }, lock: aLock(8000) },
    'repair',
    ['release-lock', 'restore-state'],
    /No worker lives longer/,
  ],
])('%s', (_, given, verdict, repairs, says) => {
  const diagnosis = diagnose(facts(given));
  expect(diagnosis).toMatchObject({ verdict, repairs });
  expect(diagnosis.findings.join(' ')).toMatch(says);
});

const seconds = fc.integer({ min: 0, max: 9000 });
const someRun = (runId: string): fc.Arbitrary<RunFacts> =>
  fc
    .record({
      status: fc.constantFrom('running' as const, 'stopping' as const, 'ended' as const),
      execution: fc.constantFrom('RUNNING' as const, 'ENDED' as const, 'GONE' as const),
      heartbeat: fc.option(seconds),
      ended: fc.option(seconds),
      watched: fc.integer({ min: 0, max: 45 }),
    })
    .map(({ status, execution, heartbeat, ended: end, watched }) =>
      aRun({
        runId,
        status,
        execution,
        watchedSince: new Date(ago(watched)),
        ...(heartbeat === null ? {} : reported(heartbeat)),
        ...(end === null ? {} : { endedAt: ago(end) }),
      }),
    );
const mark = fc.record({ lineage: fc.constantFrom('a', 'b'), serial: fc.integer({ min: 0, max: 9 }) });
const someFacts = fc
  .record({
    lock: fc.option(seconds),
    lease: fc.option(seconds),
    holder: fc.option(someRun('run-1'), { nil: undefined }),
    former: fc.option(someRun('run-0'), { nil: undefined }),
    state: fc.option(mark, { nil: undefined }),
    rescued: fc.option(mark, { nil: undefined }),
  })
  .map(({ lock, lease, ...rest }) =>
    facts({
      ...rest,
      ...(lock === null ? {} : { lock: aLock(lock) }),
      ...(lease === null ? { holder: undefined } : { lease: held(lease) }),
    }),
  );
const isReporting = (run: RunFacts | undefined): boolean =>
  run?.worker !== undefined &&
  now.getTime() - Date.parse(run.worker.heartbeatAt) <= workerSilenceSeconds * 1000;

test('nothing is released while any fact says that its holder may be alive, whatever the facts', () => {
  fc.assert(
    fc.property(someFacts, (given) => {
      const { lock, lease, holder, former, state, rescued } = given;
      const { repairs, verdict, findings } = diagnose(given);
      expect(repairs.length > 0).toBe(verdict === 'repair');
      expect(findings.length).toBeGreaterThan(0);
      const lockIsLeases = lock && lease && lock.createdAt >= lease.acquiredAt;
      if (repairs.includes('release-lock')) {
        expect(lock && now.getTime() - Date.parse(lock.createdAt)).toBeGreaterThan(30_000);
        expect(lockIsLeases && (!holder || isReporting(holder))).toBeFalsy();
        expect(!lockIsLeases && former?.execution !== 'RUNNING' && isReporting(former)).toBe(false);
      }
      if (repairs.includes('release-lease')) {
        expect(holder).toMatchObject({ status: 'ended' });
        expect(holder?.execution).not.toBe('RUNNING');
        expect(isReporting(holder)).toBe(false);
      }
      if (repairs.includes('restore-state')) {
        expect(isReporting(holder)).toBe(false);
        expect(!lock || repairs.includes('release-lock')).toBe(true);
        expect(!state || (state.lineage === rescued?.lineage && state.serial < rescued.serial)).toBe(true);
      }
    }),
    { numRuns: 3000 },
  );
});

const stored = (serial: number): StoredState => ({
  lineage: 'a',
  serial,
  etag: `"${serial}"`,
  bytes: new Uint8Array([serial]),
});

/** A workspace whose lock, states and runs are in memory; time passes only while the doctor sleeps. */
const prepare = (given: { lock?: StateLock; rescued?: StoredState; state?: StoredState } = {}) => {
  const runs = inMemoryRunStore();
  const ledger = recordingLedger();
  const woken: unknown[] = [];
  const there = { ...given };
  const executions = new Map<string, ExecutionStatus>();
  let clock = now.getTime();
  const onSleep: (() => void)[] = [];
  const objects: StateObjects = {
    lock: async () => there.lock,
    removeLock: async (_, { etag }) => {
      if (there.lock?.etag !== etag) return false;
      delete there.lock;
      return true;
    },
    state: async () => there.state,
    rescued: async () => there.rescued,
    restore: async (_, rescued, before) => {
      if (there.state?.etag !== before?.etag) return false;
      there.state = rescued;
      delete there.rescued;
      return true;
    },
    listTroubled: async () => (there.lock || there.rescued ? [workspace] : []),
  };
  const run = (more: Partial<RunRecord>): void => {
    const record = {
      runId: 'run-1',
      workflow: 'vm-provisioning',
      executionArn: 'arn:run-1',
      startedAt: ago(900),
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      status: 'running' as const,
      workspace,
      ...more,
    };
    runs.runs.set(record.runId, record);
  };
  const doctor = makeLockDoctor({
    runs,
    leases: runs.leaseStore,
    objects,
    ledger,
    executionStatus: async (arn) => executions.get(arn) ?? 'RUNNING',
    wakeCallback: async (callback) => void woken.push(callback),
    now: () => new Date(clock),
    sleep: async (milliseconds) => {
      clock += milliseconds;
      onSleep.shift()?.();
    },
  });
  const ask = async () => (await doctor({ workspace })).examined[0];
  return {
    runs,
    run,
    ledger,
    woken,
    there,
    executions,
    onSleep,
    objects,
    doctor,
    ask,
    passed: () => clock - now.getTime(),
  };
};

test('asked only to look, it says what a repair would do, and does nothing', async () => {
  const { doctor, ledger, there, ask } = prepare({ lock: aLock(131 * 60) });
  const look = async () => (await doctor({ workspace, repair: false })).examined[0];
  const diagnosis = await look();
  expect(diagnosis).toMatchObject({ verdict: 'repair', repairs: [] });
  expect(diagnosis?.findings.at(-1)).toBe('A repair would release the lock.');
  expect(there.lock).toBeDefined();
  expect(ledger.events).toEqual([]);
  expect(await ask()).toMatchObject({ repairs: ['release-lock'] });
});

test('a lock that a dead worker left in a run that goes on: watched, released, recorded', async () => {
  const { runs, run, there, ledger, ask, passed } = prepare({ lock: aLock(60) });
  run({});
  runs.leases.set(workspace, held(300));
  const diagnosis = await ask();
  expect(diagnosis).toMatchObject({ verdict: 'repair', repairs: ['release-lock'] });
  expect(passed()).toBeGreaterThan(workerSilenceSeconds * 1000);
  expect(there.lock).toBeUndefined();
  expect(ledger.events).toMatchObject([
    {
      type: 'lock.released',
      tenant: 'demo',
      actor: 'lock-doctor',
      data: { reasons: diagnosis?.findings.map((found) => found.replace('root@worker', 'somebody')) },
    },
  ]);
  expect(runs.leases.size).toBe(1);
});

test('a worker that reports while the doctor watches keeps its lock', async () => {
  const { runs, run, there, onSleep, ask } = prepare({ lock: aLock(60) });
  run({});
  runs.leases.set(workspace, held(300));
  onSleep.push(
    () => undefined,
    () =>
      run({ worker: { task: 'terraform-apply', heartbeatAt: new Date(now.getTime() + 2000).toISOString() } }),
  );
  expect(await ask()).toMatchObject({ verdict: 'wait', repairs: [] });
  expect(there.lock).toBeDefined();
});

test('a lock that changed hands meanwhile stays', async () => {
  const { there, objects, ask } = prepare({ lock: aLock(8000) });
  const remove = objects.removeLock;
  Object.assign(objects, {
    removeLock: async (name: string, lock: StateLock) => {
      there.lock = { ...aLock(1), etag: '"2"' };
      return remove(name, lock);
    },
  });
  const diagnosis = await ask();
  expect(diagnosis?.repairs).toEqual([]);
  expect(diagnosis?.findings.at(-1)).toMatch(/changed meanwhile/);
  expect(there.lock?.etag).toBe('"2"');
});

test('a sweep restores a rescued state over its predecessor, once', async () => {
  const { there, ledger, doctor } = prepare({ rescued: stored(5), state: stored(4) });
  expect(await doctor({ sweep: true })).toMatchObject({ examined: [{ repairs: ['restore-state'] }] });
  expect(there).toMatchObject({ state: { serial: 5 } });
  expect(await doctor({ sweep: true })).toEqual({ examined: [] });
  expect(ledger.events.map(({ type }) => type)).toEqual(['state.restored']);
});

test('a lease that an end did not give back goes to the run that waits', async () => {
  const { runs, run, woken, executions, ask } = prepare();
  run({ status: 'ended', endedAt: ago(60) });
  run({ runId: 'run-2', executionArn: 'arn:run-2' });
  executions.set('arn:run-1', 'FAILED');
  runs.leases.set(workspace, held(900));
  await runs.leaseStore.enqueue({
    workspace,
    runId: 'run-2',
    at: ago(1),
    taskToken: 'token',
    traceparent: 'x',
  });
  expect(await ask()).toMatchObject({ repairs: ['release-lease'] });
  expect(runs.leases.get(workspace)?.runId).toBe('run-2');
  expect(woken).toEqual([{ leasedTo: 'run-2' }]);
});
