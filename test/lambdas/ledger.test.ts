import fc from 'fast-check';
import { chain, findBreak, genesisHash, type LedgerEntry } from '../../lambdas/shared/ledger';
import type { WrittenEvent } from '../../lambdas/shared/ledger-event';

const event = (n: number): WrittenEvent => ({
  tenant: 'acme',
  id: `run.started:${n}`,
  type: 'run.started',
  runId: `run-${n}`,
  actor: 'unverified',
  at: '2026-01-01T00:00:00.000Z',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  data: { n },
});

const ledgerOf = (length: number): LedgerEntry[] => {
  const entries: LedgerEntry[] = [];
  for (let n = 1; n <= length; n++)
    entries.push(chain(entries.at(-1) ?? { seq: 0, hash: genesisHash }, event(n)));
  return entries;
};

test('an untouched chain has no break', () => {
  expect(findBreak(ledgerOf(50))).toBeUndefined();
});

test('any change of any field of any entry is found, at that entry or the next', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 19 }),
      fc.constantFrom('tenant', 'id', 'type', 'runId', 'actor', 'at', 'traceparent', 'prevHash', 'hash'),
      fc.string({ minLength: 1 }),
      (index, field, value) => {
        const entries = ledgerOf(20);
        const victim = entries[index];
        if (victim === undefined || victim[field as 'id'] === value) return;
        entries[index] = { ...victim, [field]: value };
        const found = findBreak(entries);
        expect(found?.seq).toBeGreaterThanOrEqual(index + 1);
        expect(found?.seq).toBeLessThanOrEqual(index + 2);
      },
    ),
  );
});

test('a removed and a swapped entry are found', () => {
  const removed = ledgerOf(10).filter(({ seq }) => seq !== 5);
  expect(findBreak(removed)).toEqual({ seq: 6, reason: 'entry 5 is missing' });
  const swapped = ledgerOf(10);
  [swapped[3], swapped[4]] = [swapped[4] as LedgerEntry, swapped[3] as LedgerEntry];
  expect(findBreak(swapped)).toEqual({ seq: 5, reason: 'entry 4 is missing' });
});
