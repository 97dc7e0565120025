import fc from 'fast-check';
import { SeenIds } from '../../cli/ledger/seen-ids';
import {
  type BreakKind,
  type ChainState,
  makeChainVerifier,
  verifyChain,
} from '../../cli/ledger/verify-chain';
import { type Hash, rootOf } from '../../lambdas/ledger-proof/merkle';
import { canonicalJson } from '../../lambdas/shared/digest';
import { chain, genesisHash, type LedgerEntry } from '../../lambdas/shared/ledger-chain';
import { sampleEntries, treeOf } from '../../scripts/bench/sample-ledger';

const tenant = 'tenant-a';
const count = 10_000;
/** Entries between two checkpoints; the last covers everything. */
const every = 100;

const entries = [...sampleEntries(tenant, count)];
const texts = entries.map((entry) => canonicalJson(entry));
const lines: readonly Uint8Array[] = texts.map((text) => Buffer.from(text));
const signed = Array.from({ length: count / every }, (_, index) => ({
  size: (index + 1) * every,
  source: `Checkpoint ${index + 1}`,
  root: Buffer.alloc(0) as Hash,
}));
let tree = treeOf([]);
for (const one of signed) {
  tree = treeOf(texts.slice(one.size - every, one.size), every, tree);
  one.root = rootOf(tree);
}
const verifier = makeChainVerifier(tenant, signed);

const kindAt = (state: ChainState, bytes: Uint8Array): BreakKind | 'none' =>
  verifier.take(state, bytes).broken?.kind ?? 'none';

/** Goes through the untouched ledger, with what stands before each entry. */
const walk = (visit: (index: number, before: ChainState) => void): ChainState => {
  let { state } = verifier.begin();
  for (const [index, line] of lines.entries()) {
    visit(index, state);
    const step = verifier.take(state, line);
    if (step.broken) throw new Error(step.broken.message);
    state = step.state;
  }
  return state;
};

const flip = (text: string): string => `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`;
/** Every field, changed as little as can be. */
const changes: Readonly<Record<keyof LedgerEntry, (entry: LedgerEntry) => unknown>> = {
  tenant: ({ tenant: name }) => flip(name),
  seq: ({ seq }) => seq + 1,
  id: ({ id }) => flip(id),
  type: ({ type }) => flip(type),
  runId: ({ runId }) => flip(runId),
  actor: ({ actor }) => flip(actor),
  at: ({ at }) => at.replace('.000Z', '.001Z'),
  traceparent: ({ traceparent }) => flip(traceparent),
  data: ({ data }) => ({ ...data, counts: 0 }),
  prevHash: ({ prevHash }) => flip(prevHash),
  hash: ({ hash }) => flip(hash),
};
/** The line with another value in one field, as canonical JSON like before. */
const changedLine = (index: number, field: keyof LedgerEntry): Buffer => {
  const entry = entries[index] as LedgerEntry;
  const text = (value: unknown) => `"${field}":${canonicalJson(value)}`;
  return Buffer.from((texts[index] ?? '').replace(text(entry[field]), text(changes[field](entry))));
};

test('every change of every field of every one of 10,000 entries is found at that entry', () => {
  const missed: string[] = [];
  walk((index, before) => {
    for (const field of Object.keys(changes) as (keyof LedgerEntry)[])
      if (kindAt(before, changedLine(index, field)) === 'none') missed.push(`${field} of ${index + 1}`);
  });
  expect(missed).toEqual([]);
});

test('every deletion, exchange and repetition, and every foreign line, is found where it begins', () => {
  const wrong: string[] = [];
  const foreign = [...sampleEntries('tenant-b', count)].map((entry) => Buffer.from(canonicalJson(entry)));
  const expected = (place: string, kind: string, ...kinds: string[]) => {
    if (!kinds.includes(kind)) wrong.push(`${place}: ${kind}`);
  };
  walk((index, before) => {
    const [next, far] = [lines[index + 1], lines[count - 1 - index]];
    if (next) expected(`next ${index}`, kindAt(before, next), 'deleted');
    if (far && far !== lines[index]) expected(`far ${index}`, kindAt(before, far), 'deleted', 'repeated');
    if (index > 0) expected(`twice ${index}`, kindAt(before, lines[index - 1] as Uint8Array), 'repeated');
    expected(`foreign ${index}`, kindAt(before, foreign[index] as Uint8Array), 'foreign');
  });
  expect(wrong).toEqual([]);
});

test('every truncation is found, as long as one checkpoint that signs more was kept', () => {
  const whole = walk((_, before) => {
    const [broken, kept] = [verifier.end(before), makeChainVerifier(tenant, signed.slice(-1)).end(before)];
    if (broken?.kind !== 'truncated' || kept?.kind !== 'truncated')
      throw new Error(`${before.tree.size} is missed`);
  });
  expect(verifier.end(whole)).toBeNull();
});

/** The same ids again, so that a branch does not disturb the trunk. */
const copied = (ids: SeenIds): SeenIds => Object.assign(new SeenIds(), structuredClone(ids));

test('every fork that is hashed anew is found by the next checkpoint, from 500 places', () => {
  const missed: number[] = [];
  let forks = 0;
  walk((index, before) => {
    if (index % 20 !== Math.floor(index / every) % 20) return;
    forks += 1;
    let state = { ...before, ids: copied(before.ids) };
    let head = { seq: index, hash: before.prevHash };
    for (let at = index; ; at++) {
      const { seq: _seq, prevHash: _prevHash, hash: _hash, ...event } = entries[at] as LedgerEntry;
      const entry = chain(head, at === index ? { ...event, actor: 'somebody' } : event);
      const step = verifier.take(state, Buffer.from(canonicalJson(entry)));
      if (step.broken?.kind === 'rewritten') return;
      if (step.broken || (at + 1) % every === 0) return void missed.push(index);
      state = step.state;
      head = entry;
    }
  });
  expect(missed).toEqual([]);
  expect(forks).toBe(500);
});

test('whatever is done to the whole file is found, and the untouched one is whole', () => {
  expect(verifyChain(tenant, lines, signed)).toMatchObject({
    entries: count,
    signedSize: count,
    broken: null,
  });
  const place = fc.nat(count - 1);
  const bytes = fc.tuple(place, fc.nat(), fc.integer({ min: 1, max: 255 })).map(([at, where, by]) => {
    const line = Buffer.from(lines[at] as Uint8Array);
    const index = where % line.length;
    line[index] = (line[index] as number) ^ by;
    return lines.with(at, line);
  });
  const moved = fc
    .tuple(place, place)
    .filter(([from, to]) => from !== to)
    .map(([from, to]) => lines.toSpliced(from, 1).toSpliced(to, 0, lines[from] as Uint8Array));
  const removed = fc
    .tuple(place, fc.integer({ min: 1, max: 50 }))
    .map(([at, many]) => lines.toSpliced(at, many));
  const repeated = fc
    .tuple(place, place)
    .map(([at, from]) => lines.toSpliced(at, 0, lines[from] as Uint8Array));
  const spaced = place.map((at) =>
    lines.with(at, Buffer.concat([lines[at] as Uint8Array, Buffer.from(' ')])),
  );
  fc.assert(
    fc.property(fc.oneof(bytes, moved, removed, repeated, spaced), (changed) => {
      expect(verifyChain(tenant, changed, signed).broken).not.toBeNull();
    }),
    { numRuns: 10 },
  );
});

test('the beginning of a chain is the beginning', () => {
  const [first] = sampleEntries(tenant, 1);
  expect(first?.prevHash).toBe(genesisHash);
  const later = chain({ seq: 0, hash: 'f'.repeat(64) }, { ...(entries[0] as LedgerEntry) });
  expect(kindAt(verifier.begin().state, Buffer.from(canonicalJson(later)))).toBe('changed');
});
