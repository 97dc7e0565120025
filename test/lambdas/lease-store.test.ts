import fc from 'fast-check';
import { leaseCallbacks } from '../../lambdas/send-callback/callbacks';
import { makeSendCallback } from '../../lambdas/send-callback/send-callback';
import { TransientError } from '../../lambdas/shared/errors';
import { queueLimit } from '../../lambdas/shared/lease-record';
import { makeLeaseStore } from '../../lambdas/shared/lease-store';
import type { LeaseTable } from '../../lambdas/shared/lease-table';
import { aLease, inMemoryLeases } from '../support/in-memory-leases';
import { recordingLedger } from '../support/recording-ledger';

const workspace = 'demo/web-01';
const at = '2026-01-01T00:00:00.000Z';
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const running = (...names: string[]) =>
  new Map<string, { status: 'running' | 'stopping' | 'ended' }>(
    names.map((name) => [name, { status: 'running' }]),
  );

test('a queue that is full takes nobody more, and keeps those who wait', async () => {
  const { leases, leaseStore } = inMemoryLeases(running('late', 'run-0'));
  const queue = Array.from({ length: queueLimit }, (_, n) => `run-${n}`);
  leases.set(workspace, aLease(workspace, 'holder', { queue }));
  const claim = { workspace, at, taskToken: 'token', traceparent };
  expect(await leaseStore.enqueue({ ...claim, runId: 'late' })).toBe('full');
  expect(await leaseStore.enqueue({ ...claim, runId: 'run-0' })).toBe('queued');
  expect(leases.get(workspace)?.queue).toEqual(queue);
});

test('a lease that stays contended is an error that may pass', async () => {
  const table: LeaseTable = { read: async () => undefined, write: async () => 'moved' };
  const contended = makeLeaseStore(table, async () => undefined).acquire({ workspace, runId: 'a', at });
  await expect(contended).rejects.toThrow(TransientError);
});

/**
 * What happens to one workspace, in any order and at the same time. In a `lost-begin` the step's answer never
 * arrives; in a `lost-end` the step dies before it gives the workspace back.
 */
interface Act {
  readonly kind: 'begin' | 'lost-begin' | 'stop' | 'end' | 'lost-end' | 'sweep';
  readonly run: number;
}

const names = ['r0', 'r1', 'r2', 'r3', 'r4'];
const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom('begin', 'begin', 'lost-begin', 'stop', 'end', 'lost-end', 'sweep'),
  run: fc.nat(names.length - 1),
});

/**
 * Runs as begin-run, await-lease, end-run and the reconciler carry them out, on the real store and the real sender,
 * each read and write of the table at an instant of the scheduler's choice. A run knows that it holds the workspace
 * from the store's answer or from its callback.
 */
const makeWorld = (scheduler: fc.Scheduler) => {
  const runs = running(...names);
  const memory = inMemoryLeases(runs);
  const { leaseTable, ticketOutbox, leases, tickets } = memory;
  const table: LeaseTable = {
    read: (one) => scheduler.schedule(Promise.resolve(), 'read').then(() => leaseTable.read(one)),
    write: (...all) => scheduler.schedule(Promise.resolve(), 'write').then(() => leaseTable.write(...all)),
  };
  const store = makeLeaseStore(table, async () => undefined);
  const waiting = new Map<string, string>();
  const working = new Set<string>();
  const problems: string[] = [];
  let tokens = 0;

  const work = (name: string): void => {
    working.add(name);
    if (working.size > 1) problems.push(`${[...working].join(' and ')} work at once`);
  };
  const send = makeSendCallback({
    approvals: { pending: async () => [], get: async () => undefined },
    leases: leaseCallbacks(ticketOutbox),
    ledger: recordingLedger(),
    resume: async (taskToken) => {
      await scheduler.schedule(Promise.resolve(), 'resume');
      const name = [...waiting].find(([, token]) => token === taskToken)?.[0];
      if (name === undefined) throw Object.assign(new Error('gone'), { name: 'TaskTimedOut' });
      waiting.delete(name);
      work(name);
    },
    now: () => new Date(at),
  });
  const begin = async (name: string, isLost: boolean): Promise<void> => {
    if (working.has(name)) return;
    const claim = { workspace, runId: name, at };
    const lease = await store.acquire(claim);
    if (lease === 'acquired' && runs.get(name)?.status === 'running' && !isLost) work(name);
    if (typeof lease === 'string') return;
    // A step that is delivered again waits with another token; the task before it is over.
    const taskToken = `token-${tokens++}`;
    waiting.delete(name);
    if (!isLost) waiting.set(name, taskToken);
    await store.enqueue({ ...claim, taskToken, traceparent });
  };
  /** A run's step is delivered again only after the one before is over. */
  const steps = new Map<string, Promise<void>>();
  const inTurn = (name: string, step: () => Promise<void>): Promise<void> => {
    const turn = (steps.get(name) ?? Promise.resolve()).then(step);
    steps.set(
      name,
      turn.catch(() => undefined),
    );
    return turn;
  };
  const end = async (name: string, crashes: boolean): Promise<void> => {
    runs.set(name, { status: 'ended' });
    working.delete(name);
    waiting.delete(name);
    // The reconciler finds the run open and ends it again.
    if (!crashes) await store.release({ workspace, runId: name, at });
  };
  return {
    runs,
    leases,
    tickets,
    waiting,
    working,
    problems,
    store,
    sweep: () => send({ sweep: true }),
    do: async ({ kind, run }: Act): Promise<void> => {
      const name = names[run] ?? '';
      if (kind === 'begin' || kind === 'lost-begin')
        await inTurn(name, () => begin(name, kind === 'lost-begin'));
      else if (kind === 'stop') {
        if (runs.get(name)?.status === 'running') runs.set(name, { status: 'stopping' });
        waiting.delete(name);
      } else if (kind === 'sweep') await send({ sweep: true });
      else await end(name, kind === 'lost-end');
    },
  };
};

test('whatever happens at the same time: one holder, in order, nobody forgotten, nothing left', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(act, { maxLength: 16 }), async (scheduler, acts) => {
      const world = makeWorld(scheduler);
      const done = Promise.allSettled(acts.map((one) => world.do(one)));
      await scheduler.waitFor(done);
      for (const outcome of await done)
        if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(TransientError);
      expect(world.problems).toEqual([]);

      // From here on the reconciler and the sweep repair, one after the other, until nothing runs any more.
      const alive = () => names.filter((name) => world.runs.get(name)?.status === 'running');
      for (let round = 0; round <= 2 * names.length; round++) {
        for (const name of names)
          if (world.runs.get(name)?.status !== 'running')
            await scheduler.waitFor(world.store.release({ workspace, runId: name, at }));
        await scheduler.waitFor(world.sweep());
        expect(world.problems).toEqual([]);
        const holder = world.leases.get(workspace)?.runId;
        if (holder === undefined) break;
        expect(alive()).toContain(holder);
        if (world.waiting.has(holder)) continue;
        await scheduler.waitFor(world.do({ kind: 'end', run: names.indexOf(holder) }));
      }
      expect([...world.leases.keys(), ...world.tickets.keys()]).toEqual([]);
      expect([...world.waiting.keys()].filter((name) => alive().includes(name))).toEqual([]);
    }),
    { numRuns: 1000 },
  );
}, 60_000);

test('who waits is served in the order of the queue', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray(names, { minLength: 2 }),
      fc.subarray(names),
      async (order, stop) => {
        const runs = running(...names);
        const { leases, leaseStore } = inMemoryLeases(runs);
        leases.set(workspace, aLease(workspace, 'first'));
        for (const runId of order)
          await leaseStore.enqueue({ workspace, runId, at, taskToken: `token of ${runId}`, traceparent });
        for (const runId of stop) runs.set(runId, { status: 'stopping' });
        const served: string[] = [];
        for (let holder: string | undefined = 'first'; holder !== undefined; ) {
          holder = await leaseStore.release({ workspace, runId: holder, at });
          if (holder !== undefined) served.push(holder);
        }
        expect(served).toEqual(order.filter((runId) => !stop.includes(runId)));
        expect(leases.size).toBe(0);
      },
    ),
  );
});
