import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openExport } from '../../cli/ledger/export-folder';
import { proveInclusion } from '../../cli/ledger/ledger-proof';
import { verifyExport } from '../../cli/ledger/verify-export';
import { formatVerifierKey } from '../../lambdas/ledger-proof/checkpoint';
import { leafHash, rootOf } from '../../lambdas/ledger-proof/merkle';
import { canonicalJson, sha256Hex } from '../../lambdas/shared/digest';
import { treeOf } from '../../scripts/bench/sample-ledger';
import { exampleEntries, exampleExport, exampleKey } from '../support/ledger-example';

const docs = join(__dirname, '../../docs');
const example = join(docs, 'examples/ledger');
const page = readFileSync(join(docs, 'ledger-format.md'), 'utf8');
const entries = exampleEntries();
const lines = entries.map((entry) => canonicalJson(entry));
const { key } = exampleKey();

test.each(Object.entries(exampleExport()))('the example has %s as the product makes it', (path, text) => {
  expect(readFileSync(join(example, path), 'utf8')).toBe(text);
});

test('the example is whole', () => {
  const [report] = verifyExport(openExport(example), { key, witnesses: [], kept: [] });
  expect(report).toMatchObject({ tenant: 'demo', verdict: 'whole', entries: 3, signedSize: 3 });
});

test('the page says what the example gives', () => {
  expect(page).toContain(formatVerifierKey(key));
  expect(page).toContain(exampleExport()['demo/checkpoints/000000000003.txt']);
  for (const [index, { seq, hash }] of entries.entries()) {
    expect(page).toContain(`| ${seq} | \`${hash}\` | \`${leafHash(lines[index] ?? '').toString('hex')}\` |`);
    expect(page).toContain(`| ${seq} | \`${rootOf(treeOf(lines, seq)).toString('hex')}\` |`);
  }
  expect(page).toContain(
    JSON.stringify(proveInclusion(openExport(example), 'demo', 2).hashes).replace('","', '", "'),
  );
});

test('the bytes on the page have the hash of the first entry', () => {
  const [, bytes = ''] = /in one line:\n\n```\n(.*)\n```/.exec(page) ?? [];
  expect(sha256Hex(bytes)).toBe(entries[0]?.hash);
});
