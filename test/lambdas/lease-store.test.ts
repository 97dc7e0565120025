import fc from 'fast-check';
import { leaseCallbacks } from '../../lambdas/send-callback/callbacks';
import { makeSendCallback } from '../../lambdas/send-callback/send-callback';
import { TransientError } from '../../lambdas/shared/errors';
import { lineLimit, queueLimit } from '../../lambdas/shared/lease-record';
import { makeLeaseStore } from '../../lambdas/shared/lease-store';
import type { LeaseTable } from '../../lambdas/shared/lease-table';
import { tenantOf } from '../../lambdas/shared/names';
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
  const table: Pick<LeaseTable, 'read' | 'write'> = {
    read: async () => ({ lease: undefined, line: undefined }),
    write: async () => 'moved',
  };
  const contended = makeLeaseStore(table, { pause: async () => undefined }).acquire({
    workspace,
    runId: 'a',
    at,
  });
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
const makeWorld = (
  scheduler: fc.Scheduler,
  {
    workspaceOf = () => workspace,
    capOf = () => undefined,
  }: {
    readonly workspaceOf?: (name: string) => string;
    readonly capOf?: (tenant: string) => number | undefined;
  } = {},
) => {
  const runs = running(...names);
  const memory = inMemoryLeases(runs);
  const { leaseTable, ticketOutbox, leases, lines, tickets } = memory;
  const table: Pick<LeaseTable, 'read' | 'write'> = {
    read: (one) => scheduler.schedule(Promise.resolve(), 'read').then(() => leaseTable.read(one)),
    write: (...all) => scheduler.schedule(Promise.resolve(), 'write').then(() => leaseTable.write(...all)),
  };
  const store = makeLeaseStore(table, { capOf, pause: async () => undefined });
  const waiting = new Map<string, string>();
  const working = new Set<string>();
  const problems: string[] = [];
  let tokens = 0;

  const work = (name: string): void => {
    working.add(name);
    const inUse = [...working].map(workspaceOf);
    if (new Set(inUse).size < inUse.length) problems.push(`${[...working].join(' and ')} work at once`);
    const tenant = tenantOf(workspaceOf(name));
    const ofTenant = inUse.filter((one) => tenantOf(one) === tenant).length;
    if (ofTenant > (capOf(tenant) ?? names.length))
      problems.push(`${ofTenant} workspaces of ${tenant} at once`);
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
    const claim = { workspace: workspaceOf(name), runId: name, at };
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
    if (!crashes) await store.release({ workspace: workspaceOf(name), runId: name, at });
  };
  return {
    runs,
    leases,
    lines,
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

test('whatever happens at the same time: never more than the cap, nobody waits where there is room, nothing left', async () => {
  const capped = 'acme';
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(act, { maxLength: 16 }),
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.constantFrom('acme/a', 'acme/b', 'acme/c', 'other/a'), {
        minLength: names.length,
        maxLength: names.length,
      }),
      async (scheduler, acts, cap, places) => {
        const workspaceOf = (name: string) => places[names.indexOf(name)] ?? '';
        const world = makeWorld(scheduler, {
          workspaceOf,
          capOf: (tenant) => (tenant === capped ? cap : undefined),
        });
        const done = Promise.allSettled(acts.map((one) => world.do(one)));
        await scheduler.waitFor(done);
        for (const outcome of await done)
          if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(TransientError);
        expect(world.problems).toEqual([]);

        for (let round = 0; round <= 3 * names.length; round++) {
          for (const name of names)
            if (world.runs.get(name)?.status !== 'running')
              await scheduler.waitFor(world.store.release({ workspace: workspaceOf(name), runId: name, at }));
          await scheduler.waitFor(world.sweep());
          expect(world.problems).toEqual([]);
          const line = world.lines.get(capped);
          const held = [...world.leases.values()].filter(({ workspace: of }) => tenantOf(of) === capped);
          expect(line?.held ?? {}).toEqual(
            Object.fromEntries(held.map(({ workspace: of, runId }) => [of, runId])),
          );
          if (held.length < cap)
            expect(line?.queue.filter((one) => !world.leases.has(one.workspace)) ?? []).toEqual([]);
          const [holder] = [...world.leases.values()];
          if (holder === undefined) break;
          if (world.waiting.has(holder.runId)) continue;
          await scheduler.waitFor(world.do({ kind: 'end', run: names.indexOf(holder.runId) }));
        }
        expect([...world.leases.keys(), ...world.lines.keys(), ...world.tickets.keys()]).toEqual([]);
      },
    ),
    { numRuns: 1000 },
  );
}, 60_000);

describe('a tenant with a cap', () => {
  const prepare = (cap: number | undefined, ...runIds: string[]) => {
    const runs = running(...runIds);
    let now = cap;
    const memory = inMemoryLeases(runs, (tenant) => (tenant === 'acme' ? now : undefined));
    const { leaseStore } = memory;
    return {
      ...memory,
      runs,
      limit: (to: number | undefined) => {
        now = to;
      },
      take: (runId: string, of: string) => leaseStore.acquire({ workspace: of, runId, at }),
      wait: (runId: string, of: string) =>
        leaseStore.enqueue({ workspace: of, runId, at, taskToken: `token of ${runId}`, traceparent }),
      leave: (runId: string, of: string) => leaseStore.release({ workspace: of, runId, at }),
    };
  };

  test('has as many workspaces as it may, and others are told who has them', async () => {
    const { take } = prepare(1, 'a', 'b', 'c');
    expect(await take('a', 'acme/x')).toBe('acquired');
    expect(await take('a', 'acme/x')).toBe('acquired');
    expect(await take('b', 'acme/y')).toEqual({ busy: { tenant: 'acme', cap: 1, held: { 'acme/x': 'a' } } });
    expect(await take('b', 'acme/x')).toMatchObject({ holder: { runId: 'a' } });
    expect(await take('c', 'other/y')).toBe('acquired');
  });

  test('is served in order; who waits for a busy workspace holds up nobody', async () => {
    const { take, wait, leave, lines, leases } = prepare(2, 'a', 'b', 'c', 'd', 'e');
    await take('a', 'acme/x');
    await take('b', 'acme/y');
    expect(await wait('c', 'acme/x')).toBe('queued');
    expect(await wait('d', 'acme/z')).toBe('queued');
    expect(await wait('e', 'acme/y')).toBe('queued');
    expect(await leave('b', 'acme/y')).toEqual(['d']);
    expect(await leave('d', 'acme/z')).toEqual(['e']);
    expect(await leave('a', 'acme/x')).toEqual(['c']);
    expect(await leave('e', 'acme/y')).toEqual([]);
    expect(await leave('c', 'acme/x')).toEqual([]);
    expect([...lines.keys(), ...leases.keys()]).toEqual([]);
  });

  test('whoever comes later does not overtake, even where the cap was raised', async () => {
    const { take, wait, limit, leases } = prepare(1, 'a', 'b', 'c', 'd', 'e');
    await take('a', 'acme/1');
    await wait('b', 'acme/2');
    await wait('c', 'acme/3');
    limit(3);
    expect(await take('d', 'acme/4')).toMatchObject({ busy: { cap: 3 } });
    expect(await wait('e', 'acme/5')).toBe('queued');
    expect([...leases.values()].map(({ runId }) => runId)).toEqual(['a', 'b', 'c']);
  });

  test('whoever was stopped holds up nobody when the cap is raised, and leaves at its end', async () => {
    const { take, wait, leave, limit, runs, leases, tickets } = prepare(1, 'a', 'b', 'c', 'd');
    await take('a', 'acme/1');
    await wait('b', 'acme/2');
    runs.set('b', { status: 'stopping' });
    limit(3);
    expect(await wait('c', 'acme/3')).toBe('granted');
    expect([...leases.values()].map(({ runId }) => runId)).toEqual(['a', 'c']);
    expect(await leave('b', 'acme/2')).toEqual([]);
    expect([...tickets.keys()]).toEqual(['c']);
  });

  test('a cap that is lifted lets all go on', async () => {
    const { take, wait, leave, limit, lines, leases } = prepare(1, 'a', 'b', 'c', 'd');
    await take('a', 'acme/1');
    await wait('b', 'acme/2');
    limit(undefined);
    expect(await wait('c', 'acme/3')).toBe('granted');
    expect([...leases.values()].map(({ runId }) => runId)).toEqual(['a', 'b', 'c']);
    for (const [runId, of] of [
      ['a', 'acme/1'],
      ['b', 'acme/2'],
      ['c', 'acme/3'],
    ] as const)
      await leave(runId, of);
    expect(lines.size).toBe(0);
    expect(await take('d', 'acme/1')).toBe('acquired');
    expect(lines.size).toBe(0);
  });

  test('a cap that comes later counts whom others wait for, and keeps who waited before', async () => {
    const { take, wait, leave, limit, leases, lines } = prepare(undefined, 'a', 'b', 'c', 'd');
    await take('a', 'acme/1');
    await wait('b', 'acme/1');
    limit(1);
    expect(await wait('c', 'acme/1')).toBe('queued');
    expect(await take('d', 'acme/2')).toMatchObject({ busy: { held: { 'acme/1': 'a' } } });
    expect(await leave('a', 'acme/1')).toEqual(['b']);
    expect(await leave('b', 'acme/1')).toEqual(['c']);
    expect(await leave('c', 'acme/1')).toEqual([]);
    expect([...lines.keys(), ...leases.keys()]).toEqual([]);
  });

  test('whoever was stopped is handed nothing, and leaves the line', async () => {
    const { take, wait, leave, runs, tickets } = prepare(1, 'a', 'b', 'c', 'd');
    await take('a', 'acme/1');
    await wait('b', 'acme/2');
    await wait('c', 'acme/3');
    await wait('d', 'acme/4');
    runs.set('b', { status: 'stopping' });
    expect(await leave('d', 'acme/4')).toEqual([]);
    expect(await leave('a', 'acme/1')).toEqual(['c']);
    expect([...tickets.keys()]).toEqual(['c']);
    expect(await wait('b', 'acme/2')).toBe('stopped');
  });

  test('a line that is full takes nobody more', async () => {
    const many = Array.from({ length: lineLimit + 2 }, (_, n) => `run-${n}`);
    const { take, wait } = prepare(1, 'holder', ...many);
    await take('holder', 'acme/1');
    const how = [];
    for (const [n, runId] of many.entries()) how.push(await wait(runId, `acme/w${n % 10}`));
    expect(how.filter((one) => one === 'queued')).toHaveLength(lineLimit);
    expect(how.slice(lineLimit)).toEqual(['tenant-full', 'tenant-full']);
  });
});

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
          [holder] = await leaseStore.release({ workspace, runId: holder, at });
          if (holder !== undefined) served.push(holder);
        }
        expect(served).toEqual(order.filter((runId) => !stop.includes(runId)));
        expect(leases.size).toBe(0);
      },
    ),
  );
});
