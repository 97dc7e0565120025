import { makeCheckpointLedger } from '../../../lambdas/checkpoint-ledger/checkpoint-ledger';
import { LedgerBrokenError } from '../../../lambdas/shared/errors';

const prepare = (
  tenants: Readonly<Record<string, () => Promise<{ published: readonly number[]; isCurrent: boolean }>>>,
) => {
  const counted: string[] = [];
  const sweep = makeCheckpointLedger({
    tenants: async () => Object.keys(tenants),
    checkpointTenant: async (tenant) =>
      await (tenants[tenant] ?? (() => Promise.reject(new Error('no such tenant'))))(),
    count: ({ name }, times = 1) => counted.push(`${name} ${times}`),
  });
  return { counted, sweep: () => sweep({ sweep: true }, { remainingTimeMs: () => 300_000 }) };
};
const done = async () => ({ published: [3, 8], isCurrent: true });
const broken = async () => {
  throw new LedgerBrokenError('The ledger of b is broken at entry 4.');
};
const down = async () => {
  throw new Error('not now');
};

test('every chain is looked at; when all is signed, that is counted', async () => {
  const { sweep, counted } = prepare({ a: done, b: async () => ({ published: [], isCurrent: true }) });
  expect(await sweep()).toEqual({
    published: [
      { tenant: 'a', size: 3 },
      { tenant: 'a', size: 8 },
    ],
    broken: [],
    postponed: [],
  });
  expect(counted).toEqual(['LedgerCheckpointed 1']);
});

test('a broken chain is counted with every sweep, and keeps no other from being signed', async () => {
  const { sweep, counted } = prepare({ b: broken, a: done });
  const outcome = await sweep();
  expect(outcome.broken).toEqual([{ tenant: 'b', reason: 'The ledger of b is broken at entry 4.' }]);
  expect(outcome.published).toHaveLength(2);
  await sweep();
  expect(counted).toEqual(['LedgerBroken 1', 'LedgerBroken 1']);
});

test.each([
  ['could not be read', down],
  ['was not finished in time', async () => ({ published: [5], isCurrent: false })],
])('a chain that %s is left for the next sweep, and nobody says that all is signed', async (_, tenant) => {
  const { sweep, counted } = prepare({ a: tenant });
  expect((await sweep()).postponed).toEqual(['a']);
  expect(counted).toEqual([]);
});
