import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { authorizeChangeInput } from '../../lambdas/authorize-change/contract';

const root = join(__dirname, '../..');

const sources = readdirSync(join(root, 'lambdas'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.startsWith('runners/'))
  .map((file) => readFileSync(join(root, 'lambdas', file), 'utf8'))
  .filter((text) => /\bledger\b|LedgerEvent/.test(text));

/** Verbs in the past that entries end with; a name of a file or of a service ends otherwise. */
const verbs =
  'accepted|started|refused|ended|known|awaited|granted|released|restored|bound|requested|reminded|escalated|given|broken|made|expired|voided|undeliverable|authorized|issued|checked|set|lifted|changed|erased|exported|done|warned|extended|rotation-[a-z-]+';
const literal = new RegExp(`'([a-z-]+\\.(?:${verbs}))'`, 'g');

const written = new Set([
  ...sources.flatMap((text) => [...text.matchAll(literal)].map(([, type]) => type ?? '')),
  // Those whose noun or verb is a variable.
  ...authorizeChangeInput.shape.part.options.map((part) => `${part}.authorized`),
  'approval.expired',
  'approval.voided',
]);

const page = readFileSync(join(root, 'docs/ledger-entries.md'), 'utf8');
const documented = new Set(
  page
    .split('\n')
    .filter((line) => /^\| `/.test(line))
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([a-z-]+\.[a-z-]+)`/g)])
    .map(([, type]) => type ?? ''),
);

test('every type of entry is documented, and every documented one is written', () => {
  expect(written.size).toBeGreaterThan(25);
  expect([...documented].sort()).toEqual([...written].sort());
});
