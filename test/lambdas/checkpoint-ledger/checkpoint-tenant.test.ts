import fc from 'fast-check';
import { makeCheckpointTenant } from '../../../lambdas/checkpoint-ledger/checkpoint-tenant';
import { parseCheckpoint, parseNote, signersOf } from '../../../lambdas/ledger-proof/checkpoint';
import { emptyTree, extend, leafHash, rootOf } from '../../../lambdas/ledger-proof/merkle';
import { canonicalJson } from '../../../lambdas/shared/digest';
import { LedgerBrokenError } from '../../../lambdas/shared/errors';
import type { LedgerEntry } from '../../../lambdas/shared/ledger';
import { anEvent, grownBy, makeSigningKey, prepareLog } from '../../support/checkpoint-log';

/** The root over all entries, computed from nothing. */
const rootOfAll = (entries: readonly LedgerEntry[]): string =>
  rootOf(
    extend(
      emptyTree,
      entries.map((entry) => leafHash(canonicalJson(entry))),
    ),
  ).toString('hex');

const said = (note = '') => {
  const { origin, size, root } = parseCheckpoint(parseNote(note).text);
  return { origin, size, root: root.toString('hex') };
};

test('a checkpoint says, signed, how many entries there are and what they come down to', async () => {
  const { log, checkpointTenant } = prepareLog();
  log.entries = grownBy([], 7);
  expect(await checkpointTenant('acme')).toEqual({ published: [7], isCurrent: true });
  const { note = '' } = log.published.get(7) ?? {};
  expect(said(note)).toEqual({ origin: 'log.example/test/acme', size: 7, root: rootOfAll(log.entries) });
  expect(signersOf(parseNote(note), [log.key])).toEqual([log.key]);
});

test('nothing new: nothing is published, and no entry is read', async () => {
  const { log, checkpointTenant } = prepareLog();
  log.entries = grownBy([], 7);
  await checkpointTenant('acme');
  log.read = [];
  expect(await checkpointTenant('acme')).toEqual({ published: [], isCurrent: true });
  expect(log.read).toEqual([]);
  expect(await prepareLog().checkpointTenant('acme')).toEqual({ published: [], isCurrent: true });
});

test('whatever it grew by each time, each checkpoint has the root of all entries, and only new ones were read', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 6 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 5 }),
      async (steps, pageSize, maxEntries) => {
        const { log, checkpointTenant } = prepareLog({ maxEntries });
        log.pageSize = pageSize;
        for (const step of steps) {
          const before = log.entries.length;
          log.entries = grownBy(log.entries, step);
          log.read = [];
          await checkpointTenant('acme');
          expect(Math.min(before + step, ...log.read)).toBeGreaterThanOrEqual(before);
        }
        for (const [size, { note }] of log.published)
          expect(said(note).root).toBe(rootOfAll(log.entries.slice(0, size)));
        expect(Math.max(0, ...log.published.keys())).toBe(log.entries.length);
      },
    ),
    { numRuns: 50 },
  );
});

test('without time it stops between two checkpoints and says that something is left', async () => {
  const { log, checkpointTenant } = prepareLog({ maxEntries: 2 });
  log.entries = grownBy([], 5);
  let asked = 0;
  const done = await checkpointTenant('acme', () => {
    asked += 1;
    return asked < 2;
  });
  expect(done).toEqual({ published: [2], isCurrent: false });
});

describe('what is not what was signed is not signed again', () => {
  const prepare = async () => {
    const prepared = prepareLog();
    prepared.log.entries = grownBy([], 8);
    await prepared.checkpointTenant('acme');
    return prepared;
  };
  const refused = async ({ checkpointTenant, log }: Awaited<ReturnType<typeof prepare>>, reason: string) => {
    const before = [...log.published.keys()];
    const outcome = await checkpointTenant('acme').catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(LedgerBrokenError);
    expect(String(outcome)).toContain(reason);
    expect([...log.published.keys()]).toEqual(before);
  };
  const other = (n: number) => ({ ...anEvent(n), actor: 'somebody-else' });
  const edited = (entries: readonly LedgerEntry[], seq: number): LedgerEntry[] =>
    entries.map((entry) => (entry.seq === seq ? { ...entry, actor: 'somebody-else' } : entry));

  test('its end was cut off', async () => {
    const prepared = await prepare();
    prepared.log.entries = prepared.log.entries.slice(0, 6);
    await refused(
      prepared,
      'acme is broken at entry 7: it is missing, and a signed checkpoint has 8 entries',
    );
  });

  test('all of it was taken away', async () => {
    const prepared = await prepare();
    prepared.log.entries = [];
    await refused(prepared, 'broken at entry 1: it is missing');
  });

  test('its end was rewritten, as long as before', async () => {
    const prepared = await prepare();
    prepared.log.entries = grownBy(prepared.log.entries.slice(0, 5), 3, other);
    await refused(prepared, 'broken at entry 8: the head of the chain names another entry');
  });

  test('its end was rewritten, and went on', async () => {
    const prepared = await prepare();
    prepared.log.entries = grownBy(prepared.log.entries.slice(0, 5), 6, other);
    await refused(prepared, 'broken at entry 8: it is not what was signed');
  });

  test('the entry that was signed last was changed', async () => {
    const prepared = await prepare();
    prepared.log.entries = edited(grownBy(prepared.log.entries, 3), 8);
    await refused(prepared, 'broken at entry 8: its content does not match its hash');
  });

  test('a new entry was changed, is missing, or belongs to somebody else', async () => {
    const changed = await prepare();
    changed.log.entries = edited(grownBy(changed.log.entries, 4), 10);
    await refused(changed, 'broken at entry 10: its content does not match its hash');
    const gone = await prepare();
    gone.log.entries = grownBy(gone.log.entries, 4).filter(({ seq }) => seq !== 10);
    await refused(gone, 'entry 10 is missing');
    const foreign = await prepare();
    foreign.log.entries = grownBy(foreign.log.entries, 2, (n) => anEvent(n, 'umbrella'));
    await refused(foreign, 'broken at entry 9: it belongs to the chain of umbrella');
  });

  test('the last entries are missing although the head names them', async () => {
    const prepared = await prepare();
    const all = grownBy(prepared.log.entries, 3);
    prepared.log.head = all.at(-1);
    prepared.log.entries = all.slice(0, 9);
    await refused(prepared, 'broken at entry 10: it is missing');
  });

  test('the published checkpoint is by another key, of another log, or no note', async () => {
    const strange = prepareLog();
    strange.log.entries = grownBy([], 8);
    await strange.checkpointTenant('acme');
    for (const [note, reason] of [
      [strange.log.published.get(8)?.note ?? '', 'is not signed by this log'],
      ['hello', 'cannot be read'],
    ] as const) {
      const prepared = await prepare();
      const stored = prepared.log.published.get(8);
      if (!stored) throw new Error('nothing was published');
      prepared.log.published.set(8, { ...stored, note });
      await refused(prepared, reason);
    }
    const { key } = makeSigningKey('log.example/other', 'log');
    const prepared = await prepare();
    const { deps } = prepared;
    const checkpointTenant = makeCheckpointTenant({
      ...deps,
      signer: { ...deps.signer, key: async () => key },
    });
    await refused({ ...prepared, checkpointTenant }, 'is not signed by this log');
  });
});

test('where the object does not say how to go on, everything is read again and must be what was signed', async () => {
  const { log, checkpointTenant } = prepareLog();
  log.entries = grownBy([], 6);
  await checkpointTenant('acme');
  const stored = log.published.get(6);
  if (!stored) throw new Error('nothing was published');
  log.published.set(6, { ...stored, frontier: undefined });
  log.entries = grownBy(log.entries, 2);
  await checkpointTenant('acme');
  expect(said(log.published.get(8)?.note).root).toBe(rootOfAll(log.entries));
  // An edge that does not come down to the signed root is none.
  log.published.delete(8);
  log.published.set(6, { ...stored, frontier: { size: 6, nodes: [leafHash('a'), leafHash('b')] } });
  await checkpointTenant('acme');
  expect(said(log.published.get(8)?.note).root).toBe(rootOfAll(log.entries));
  log.published.delete(8);
  log.published.set(6, { ...stored, frontier: undefined });
  log.entries = grownBy([], 8, (n) => ({ ...anEvent(n), actor: 'somebody-else' }));
  await expect(checkpointTenant('acme')).rejects.toThrow(
    'the entries up to it are not those that were signed',
  );
});

test('a crash at any instant, and several at once: one checkpoint of a size, and it is the right one', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          grows: fc.integer({ min: 0, max: 4 }),
          crash: fc.constantFrom('never', 'before', 'after'),
        }),
        { maxLength: 8 },
      ),
      async (rounds) => {
        const { log, deps, checkpointTenant } = prepareLog();
        const texts = new Map<number, Set<string>>();
        for (const { grows, crash } of rounds) {
          log.entries = grownBy(log.entries, grows);
          const crashing = makeCheckpointTenant({
            ...deps,
            checkpoints: {
              ...deps.checkpoints,
              put: async (tenant, checkpoint) => {
                if (crash === 'before') throw new Error('crashed');
                const there = await deps.checkpoints.put(tenant, checkpoint);
                if (crash === 'after') throw new Error('crashed');
                return there;
              },
            },
            signer: {
              ...deps.signer,
              sign: async (text) => {
                const { size } = parseCheckpoint(text);
                texts.set(size, (texts.get(size) ?? new Set()).add(text));
                return await deps.signer.sign(text);
              },
            },
          });
          await Promise.allSettled([crashing('acme'), crashing('acme')]);
        }
        await checkpointTenant('acme');
        for (const signed of texts.values()) expect(signed.size).toBe(1);
        for (const [size, { note }] of log.published)
          expect(said(note).root).toBe(rootOfAll(log.entries.slice(0, size)));
        expect(Math.max(0, ...log.published.keys())).toBe(log.entries.length);
      },
    ),
    { numRuns: 50 },
  );
});

test('a checkpoint of that size with another root is never passed over', async () => {
  const { log, deps } = prepareLog();
  log.entries = grownBy([], 4);
  const forked = prepareLog();
  forked.log.entries = grownBy([], 4, (n) => ({ ...anEvent(n), actor: 'somebody-else' }));
  await makeCheckpointTenant({ ...forked.deps, signer: deps.signer })('acme');
  const late = makeCheckpointTenant({
    ...deps,
    // The other instance was quicker.
    checkpoints: { ...deps.checkpoints, put: async () => forked.log.published.get(4) },
  });
  await expect(late('acme')).rejects.toThrow('a checkpoint of that size with other entries is published');
});
