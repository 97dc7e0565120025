import { makeReadQueue } from '../../lambdas/lock-doctor/read-queue';
import { inMemoryLeases } from '../support/in-memory-leases';

const at = '2026-01-01T00:00:00.000Z';

/** Runs that begin in this order, each wanting the workspace beside it; who does not get it waits. */
const prepare = async (cap: number | undefined, wanted: readonly (readonly [string, string])[]) => {
  const runs = new Map(wanted.map(([runId]) => [runId, { status: 'running' as const }]));
  const { leaseStore, leaseTable } = inMemoryLeases(runs, () => cap);
  for (const [runId, workspace] of wanted) {
    const claim = { runId, workspace, at };
    if ((await leaseStore.acquire(claim)) !== 'acquired')
      await leaseStore.enqueue({ ...claim, taskToken: 'TASK-TOKEN', traceparent: 'trace' });
  }
  return { leaseStore, read: makeReadQueue({ leases: leaseTable }) };
};

test('of a workspace: who has it and who waits, first come first', async () => {
  const { read, leaseStore } = await prepare(undefined, [
    ['run-1', 'demo/a'],
    ['run-2', 'demo/a'],
    ['run-3', 'demo/b'],
    ['run-4', 'demo/a'],
  ]);
  expect(await read({ queueOf: 'demo/a' })).toEqual({
    scope: 'demo/a',
    cap: null,
    held: [{ workspace: 'demo/a', runId: 'run-1', since: at }],
    waiting: [
      { runId: 'run-2', workspace: 'demo/a', behind: 'run-1' },
      { runId: 'run-4', workspace: 'demo/a', behind: 'run-1' },
    ],
  });
  await leaseStore.release({ workspace: 'demo/a', runId: 'run-1', at });
  expect(await read({ queueOf: 'demo/a' })).toMatchObject({
    held: [{ runId: 'run-2' }],
    waiting: [{ runId: 'run-4', behind: 'run-2' }],
  });
});

test('of a tenant with a cap: who waits for a workspace, and who for a place', async () => {
  const { read } = await prepare(2, [
    ['run-1', 'demo/a'],
    ['run-2', 'demo/b'],
    ['run-3', 'demo/c'],
    ['run-4', 'demo/a'],
    ['run-5', 'other/a'],
  ]);
  const waiting = [
    { runId: 'run-3', workspace: 'demo/c', behind: null },
    { runId: 'run-4', workspace: 'demo/a', behind: 'run-1' },
  ];
  expect(await read({ queueOf: 'demo' })).toEqual({
    scope: 'demo',
    cap: 2,
    held: [
      { workspace: 'demo/a', runId: 'run-1', since: at },
      { workspace: 'demo/b', runId: 'run-2', since: at },
    ],
    waiting,
  });
  expect(await read({ queueOf: 'demo/c' })).toEqual({
    scope: 'demo/c',
    cap: 2,
    held: [],
    waiting: waiting.slice(0, 1),
  });
});

test('where nobody has or wants anything there is nothing; no token is told', async () => {
  const { read } = await prepare(1, [
    ['run-1', 'demo/a'],
    ['run-2', 'demo/b'],
  ]);
  expect(await read({ queueOf: 'other' })).toEqual({ scope: 'other', cap: null, held: [], waiting: [] });
  expect(JSON.stringify(await read({ queueOf: 'demo' }))).not.toContain('TASK-TOKEN');
});
