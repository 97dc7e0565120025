import fc from 'fast-check';
import { findBreak, makeImpersonalLedger } from '../../lambdas/shared/ledger';
import { anEvent } from '../support/checkpoint-log';
import { type CallFault, faultyClient, inMemoryLedgerTable } from '../support/in-memory-ledger-table';

const faults = fc.array(fc.constantFrom<CallFault>('none', 'lost', 'answer lost', 'conflict'), {
  maxLength: 8,
});
const tenants = ['acme', 'umbrella'];

/** Head, entries and markers say the same. */
const isWhole = (table: ReturnType<typeof inMemoryLedgerTable>, tenant: string): void => {
  const entries = table.entriesOf(tenant);
  expect(findBreak(entries)).toBeUndefined();
  expect(table.items.get(`${tenant}/0`)?.headSeq ?? 0).toBe(entries.length);
  expect(table.items.get(`${tenant}/0`)?.headHash).toBe(entries.at(-1)?.hash);
  const marked = [...table.items.keys()].filter((key) => key.startsWith(`${tenant}#`));
  expect(marked.sort()).toEqual(entries.map(({ id }) => `${tenant}#${id}/0`).sort());
};

test('whoever dies at whatever call leaves the whole entry or nothing, and the chain whole', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(faults, { minLength: 1, maxLength: 6 }), async (deaths) => {
      const table = inMemoryLedgerTable();
      const outcomes = await Promise.allSettled(
        deaths.map((fault, n) =>
          makeImpersonalLedger({ client: faultyClient(table.client, fault), table: 'ledger' }).append(
            anEvent(n),
          ),
        ),
      );
      isWhole(table, 'acme');
      const ids = table.entriesOf('acme').map(({ id }) => id);
      for (const [n, { status }] of outcomes.entries())
        if (status === 'fulfilled') expect(ids).toContain(anEvent(n).id);
    }),
    { numRuns: 100 },
  );
});

test('whoever tries again until it is done loses nothing and doubles nothing, whatever happened before', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ tenant: fc.constantFrom(...tenants), fault: faults }), {
        minLength: 1,
        maxLength: 6,
      }),
      async (appends) => {
        const table = inMemoryLedgerTable();
        await Promise.all(
          appends.map(async ({ tenant, fault }, n) => {
            const ledger = makeImpersonalLedger({
              client: faultyClient(table.client, fault),
              table: 'ledger',
            });
            for (let tries = 0; tries <= fault.length; tries++)
              try {
                return await ledger.append(anEvent(n, tenant));
              } catch (error) {
                expect((error as Error).name).toBe('TimeoutError');
              }
            throw new Error('more failures than faults');
          }),
        );
        for (const tenant of tenants) {
          isWhole(table, tenant);
          const wanted = appends.flatMap((append, n) => (append.tenant === tenant ? [anEvent(n).id] : []));
          expect(
            table
              .entriesOf(tenant)
              .map(({ id }) => id)
              .sort(),
          ).toEqual(wanted.sort());
        }
      },
    ),
    { numRuns: 100 },
  );
});
