import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportLayout, openExport } from '../../cli/ledger/export-folder';
import { verifyExport } from '../../cli/ledger/verify-export';
import { formatVerifierKey } from '../../lambdas/ledger-proof/checkpoint';
import { canonicalJson } from '../../lambdas/shared/digest';
import { chain } from '../../lambdas/shared/ledger-chain';
import {
  sampleEntries,
  sampleEvent,
  sampleKey,
  sampleNote,
  treeOf,
  writeSampleTenant,
} from '../../scripts/bench/sample-ledger';
import { entryOf, rehashedFrom, signer, trust } from '../support/ledger-export';
import { ensureSecondVerifier, secondOpinion } from '../support/second-verifier';

const tenant = 'tenant-a';
const witness = sampleKey('witness.example/w1', 'witness');
const keys = [formatVerifierKey(signer.key), formatVerifierKey(witness.key)];

let program: string;
let folder: string;
beforeAll(async () => {
  program = await ensureSecondVerifier();
}, 600_000);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'second-verifier-'));
  writeSampleTenant(folder, {
    tenant,
    entries: sampleEntries(tenant, 50),
    sizes: new Set([1, 16, 33]),
    signer,
  });
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (...names: string[]) => join(folder, tenant, ...names);
const lines = () => readFileSync(at(exportLayout.entries), 'utf8').trimEnd().split('\n');
const write = (changed: readonly string[]) =>
  writeFileSync(at(exportLayout.entries), changed.map((line) => `${line}\n`).join(''));
const ours = () => [...verifyExport(openExport(folder), { ...trust, witnesses: [witness.key] })];

test('a second implementation finds what we wrote whole, its signatures and a cosignature included', async () => {
  writeFileSync(
    at('checkpoints', exportLayout.checkpointName(40)),
    sampleNote(tenant, treeOf(lines(), 40), signer, [witness]),
  );
  expect(ours()).toMatchObject([
    { verdict: 'whole', entries: 50, signedSize: 40, witnesses: [{ size: 40 }] },
  ]);
  const { code, reports, said } = await secondOpinion(program, folder, ...keys);
  expect([code, said]).toEqual([0, '']);
  expect(reports).toMatchObject([
    { tenant, verdict: 'whole', entries: 50, signedSize: 40, cosignedSize: 40 },
  ]);
});

test('both write canonical JSON alike: every escape, names in any order, numbers', async () => {
  const data = {
    '\u{1f600}': 'after',
    '\ufb33': 'before in code points, after in UTF-16',
    'ö"\\/': '\u0000\u0007\b\f\n\r\t\u001f\u007f\u2028\u2029<>&',
    numbers: [0, -1, 1e21, 1e-7, 123456789012345, 0.1, 1.5e300, 5e-324, 100, 1e20, 0.000001],
    '10': null,
    '9': [true, false, {}, []],
    __proto__x: '',
  };
  const last = entryOf(lines().at(-1) ?? '');
  const odd = canonicalJson(chain(last, { ...sampleEvent(tenant, 50), data }));
  const all = [...lines(), odd];
  write(all);
  writeFileSync(
    at('checkpoints', exportLayout.checkpointName(51)),
    sampleNote(tenant, treeOf(all), signer, [witness]),
  );
  expect(ours()).toMatchObject([{ verdict: 'whole', signedSize: 51 }]);
  expect((await secondOpinion(program, folder, ...keys)).reports).toMatchObject([
    { verdict: 'whole', signedSize: 51 },
  ]);
});

const without = (seq: number) => lines().filter((_, index) => index !== seq - 1);
const changed = (seq: number, from: string | RegExp, to: string) =>
  lines().with(seq - 1, (lines()[seq - 1] ?? '').replace(from, to));

test.each<[what: string, change: () => readonly string[], seq: number]>([
  ['a change', () => changed(7, 'person:6', 'person:5'), 7],
  ['a space', () => changed(7, '{', '{ '), 7],
  ['a name that stands twice', () => changed(7, '{', '{"actor":"x",'), 7],
  ['an escape that need not be', () => changed(7, 'person', '\\u0070erson'), 7],
  ['a number written otherwise', () => changed(7, '"seq":7', '"seq":7.0'), 7],
  ['a field more', () => changed(7, /}$/, ',"z":1}'), 7],
  ['a carriage return', () => changed(7, /}$/, '}\r'), 7],
  ['a deletion', () => without(20), 20],
  ['the first gone', () => without(1), 1],
  ['another order', () => [...without(20), lines()[19] ?? ''], 20],
  ['a line twice', () => [...lines().slice(0, 20), ...lines().slice(19)], 21],
  ['an end cut off', () => lines().slice(0, 32), 33],
  ['a tail hashed anew', () => rehashedFrom(lines(), 20, (event) => ({ ...event, actor: 'mallory' })), 17],
  ['an id twice', () => rehashedFrom(lines(), 50, (event) => ({ ...event, id: 'decision.made:3' })), 50],
  ['a line of another tenant', () => [...lines(), canonicalJson([...sampleEntries('tenant-b', 51)][50])], 51],
])('%s is found by both, at the same entry', async (_, change, seq) => {
  write(change());
  expect(ours()).toMatchObject([{ verdict: 'broken', breaks: [{ seq }, { kind: 'unsigned' }] }]);
  const { code, reports } = await secondOpinion(program, folder, ...keys);
  expect(code).toBe(1);
  expect(reports).toMatchObject([{ verdict: 'broken', seq }]);
});

test('a checkpoint that another key signed is refused by both', async () => {
  const other = sampleKey(signer.key.name);
  writeFileSync(
    at('checkpoints', exportLayout.checkpointName(40)),
    sampleNote(tenant, treeOf(lines(), 40), other),
  );
  expect(ours()[0]).toMatchObject({
    verdict: 'broken',
    breaks: [{ kind: 'unsigned' }, { kind: 'unsigned' }],
  });
  expect((await secondOpinion(program, folder, ...keys)).reports).toMatchObject([
    { verdict: 'broken', seq: 0 },
  ]);
});
