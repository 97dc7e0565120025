import fc from 'fast-check';
import { JournalConflictError } from '../../lambdas/rotation/errors';
import { CredentialRecord, type Journal, Outcome, Rotation, Step } from '../../lambdas/rotation/journal';
import { collect } from './collect';

const moment = '2026-01-01T00:00:00.000Z';

/** A record with every field that there is. */
export const fullRecord = (id: string) =>
  ({
    id,
    strategy: 'any',
    owner: 'team <ops> é',
    consumers: ['orders-api', 'reports'],
    days: 90,
    overlapSeconds: 0,
    rotation: {
      version: 'next',
      from: 'first',
      runId: 'run-1',
      attempt: 3,
      step: 'roll-back',
      begunAt: moment,
      promotedAt: moment,
      drainUntil: moment,
      because: { error: 'CredentialRefusedError', message: 'It was refused.' },
    },
    lease: { runId: 'run-1', until: moment },
    lastRotatedAt: moment,
    nextDueAt: moment,
    lastResult: {
      outcome: 'rolled-back',
      at: moment,
      runId: 'run-0',
      version: 'v0',
      error: 'MissingRightsError',
      message: 'SELECT is missing.',
    },
    attempts: 4,
    revision: 0,
  }) satisfies CredentialRecord;

const at = fc
  .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
const text = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' });
const anyRecord: fc.Arbitrary<CredentialRecord> = fc.record(
  {
    id: fc.constantFrom('apps/any-1', 'apps/any-2'),
    strategy: text,
    owner: text,
    consumers: fc.array(text, { maxLength: 4 }),
    days: fc.integer({ min: 1, max: 365 }),
    overlapSeconds: fc.nat(),
    rotation: fc.record(
      {
        version: text,
        from: text,
        runId: text,
        attempt: fc.integer({ min: 1, max: 99 }),
        step: fc.constantFrom(...Step.options),
        begunAt: at,
        promotedAt: at,
        drainUntil: at,
        because: fc.record({ error: text, message: text }),
      },
      { requiredKeys: ['version', 'from', 'runId', 'attempt', 'step', 'begunAt'] },
    ),
    lease: fc.record({ runId: text, until: at }),
    lastRotatedAt: at,
    nextDueAt: at,
    lastResult: fc.record(
      {
        outcome: fc.constantFrom(...Outcome.options),
        at,
        runId: text,
        version: text,
        error: text,
        message: text,
      },
      { requiredKeys: ['outcome', 'at', 'runId'] },
    ),
    attempts: fc.nat({ max: 99 }),
    revision: fc.constant(0),
  },
  { requiredKeys: ['id', 'consumers', 'attempts', 'revision'] },
);

/** What every journal does; nothing is written into it before. */
export const itKeepsRecords = (open: () => Promise<Journal>): void => {
  test('what was never written is not there', async () => {
    const journal = await open();
    expect(await journal.read('apps/never')).toBeUndefined();
  });

  test('every field comes back, and what is taken away is gone', async () => {
    const journal = await open();
    const full = fullRecord('apps/full');
    expect(Object.keys(full).sort()).toEqual(Object.keys(CredentialRecord.shape).sort());
    expect(Object.keys(full.rotation).sort()).toEqual(Object.keys(Rotation.shape).sort());
    const one = await journal.write(full);
    expect(one).toEqual({ ...full, revision: 1 });
    expect(await journal.read(full.id)).toEqual(one);
    const { rotation: _, lease: __, ...rest } = one;
    const two = await journal.write(rest);
    expect(await journal.read(full.id)).toEqual(two);
    expect(two).not.toHaveProperty('rotation');
  });

  test('whatever a record holds comes back', async () => {
    const journal = await open();
    await fc.assert(
      fc.asyncProperty(anyRecord, async (record) => {
        const { revision = 0 } = (await journal.read(record.id)) ?? {};
        const written = await journal.write({ ...record, revision });
        expect(await journal.read(record.id)).toEqual({ ...record, revision: revision + 1 });
        expect(written.revision).toBe(revision + 1);
      }),
      { numRuns: 25 },
    );
  });

  test('a write replaces the one that was read, and no other', async () => {
    const journal = await open();
    const record = { id: 'apps/compared', consumers: [], attempts: 0, revision: 0 };
    const one = await journal.write(record);
    await expect(journal.write(record)).rejects.toThrow(JournalConflictError);
    const two = await journal.write({ ...one, strategy: 'any' });
    await expect(journal.write({ ...one, strategy: 'other' })).rejects.toThrow(JournalConflictError);
    await expect(journal.write({ ...two, revision: two.revision + 1 })).rejects.toThrow(JournalConflictError);
    expect(await journal.read(record.id)).toEqual(two);
    const unknown = { ...record, id: 'apps/unknown', revision: 4 };
    await expect(journal.write(unknown)).rejects.toThrow(JournalConflictError);
    expect(await journal.read(unknown.id)).toBeUndefined();
  });

  test('of many at once one lands, and the others are told', async () => {
    const journal = await open();
    let read: CredentialRecord = { id: 'apps/raced', consumers: [], attempts: 0, revision: 0 };
    for (let round = 0; round < 3; round++) {
      const writes = [1, 2, 3, 4, 5].map((days) => journal.write({ ...read, days }));
      const ends = await Promise.allSettled(writes);
      const landed = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
      expect(landed).toHaveLength(1);
      for (const end of ends)
        if (end.status === 'rejected') expect(end.reason).toBeInstanceOf(JournalConflictError);
      expect(await journal.read(read.id)).toEqual(landed[0]);
      read = landed[0] ?? read;
    }
  });

  test('all are listed, each once', async () => {
    const journal = await open();
    const ids = ['apps/listed-1', 'apps/listed-2', 'apps/listed-3'];
    for (const id of ids) await journal.write({ id, consumers: [], attempts: 0, revision: 0 });
    const listed = (await collect(journal.list()))
      .map(({ id }) => id)
      .filter((id) => id.includes('/listed-'));
    expect(listed.sort()).toEqual(ids);
  });
};
