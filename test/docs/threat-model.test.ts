import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const page = readFileSync(join(root, 'docs/threat-model.md'), 'utf8');
const rowsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => /^\| [^-]/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()));
const numbersIn = (text: string): number[] => [...text.matchAll(/\d+/g)].map(([number]) => Number(number));

const named = [...page.matchAll(/`([\w/-]+)` “([^”]+)”/g)].map(([, file = '', title = '']) => ({
  file,
  title,
}));
const abuses = rowsOf(page.slice(page.indexOf('| # | abuse'), page.indexOf('## Sessions'))).slice(1);

test('tests are named', () => {
  expect(named.length).toBeGreaterThan(50);
});

test.each(named)('there is a test “$title” in $file', ({ file, title }) => {
  const path = join(root, `test/${file}.test.ts`);
  expect(existsSync(path)).toBe(true);
  const source = readFileSync(path, 'utf8');
  // As the name of a test, or with more behind it that tells how much.
  const begins = title.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  expect(source).toMatch(new RegExp(`(test|\\]\\)|\\))\\(\\s*'${begins}|^\\s*'${begins}[^']*',$`, 'm'));
});

test('every abuse has an answer and a test', () => {
  expect(abuses.length).toBeGreaterThan(20);
  for (const [, number, abuse, , , answer, covered] of abuses) {
    expect([number, abuse, answer].every(Boolean)).toBe(true);
    expect(covered).toMatch(/`[\w/-]+` “/);
  }
});

test('every row of bad input belongs to a threat', () => {
  const inputs = readFileSync(join(root, 'docs/hostile-inputs.md'), 'utf8');
  const rows = new Set(
    rowsOf(inputs.slice(inputs.indexOf('| # |')))
      .slice(1)
      .flatMap(([, number = '']) => numbersIn(number)),
  );
  const linked = new Set(abuses.flatMap((cells) => numbersIn(cells.at(-2) ?? '')));
  expect([...rows].filter((row) => !linked.has(row))).toEqual([]);
});
