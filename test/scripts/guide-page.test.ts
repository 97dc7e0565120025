import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Asl } from '../../lib/asl/asl';
import { checkWorkflows, readDefinitions } from '../../lib/asl/check-workflows';
import { readGuidePage, withChange } from '../../scripts/guide/guide-page';
import { writeWorkflow } from '../../scripts/new-workflow/write-workflow';

const root = join(__dirname, '../..');
const page = readGuidePage(readFileSync(join(root, 'docs/guides/new-workflow.md'), 'utf8'));
const blocks = Object.fromEntries(
  Object.entries(readDefinitions(join(root, 'workflows'))).filter(
    ([, asl]) => !JSON.stringify(asl).includes('${BeginRunFunctionArn}'),
  ),
);

test('the guide writes, changes, checks, walks, deploys and runs one workflow', () => {
  const [write = ''] = page.commands;
  const name = write.split(' ').at(-1) ?? '';
  expect(page.commands).toEqual([
    `npm run new:workflow -- ${name}`,
    `npm run workflows:check -- workflows/${name}.asl.json`,
    `npx jest --selectProjects=unit --testPathPatterns test/lib/${name}`,
    'npm start -- --keep --approve',
    `npm start -- --workflow ${name} --approve`,
    'npm start -- --stop',
    'npm run generate',
  ]);
  expect(page.changes.map(({ file }) => file)).toEqual([
    `workflows/${name}.asl.json`,
    `test/lib/${name}.test.ts`,
  ]);
});

describe('with what it changes', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'guide-page-'));
    for (const name of ['workflows', 'docs', 'test/lib']) mkdirSync(join(folder, name), { recursive: true });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('the workflow has fewer than 60 lines and keeps every rule', () => {
    const name = page.commands[0]?.split(' ').at(-1) ?? '';
    writeWorkflow(folder, name);
    for (const change of page.changes) {
      const path = join(folder, change.file);
      writeFileSync(path, withChange(readFileSync(path, 'utf8'), change));
    }
    const text = readFileSync(join(folder, `workflows/${name}.asl.json`), 'utf8');
    expect(text.trimEnd().split('\n').length).toBeLessThan(60);
    const verdicts = checkWorkflows({ ...blocks, [name]: JSON.parse(text) as Asl });
    expect(verdicts[name]).toMatchObject({ problems: [], calls: ['role-change', 'compliance-scan'] });
  });
});

describe('a change', () => {
  const [change] = readGuidePage('In `a/b.ts`:\n\n```diff\n same\n-old\n+new\n+more\n end\n```\n').changes;
  if (!change) throw new Error('There is no change.');

  test('replaces its lines where they stand, and keeps the others', () => {
    expect(withChange('first\nsame\nold\nend\nlast\n', change)).toBe('first\nsame\nnew\nmore\nend\nlast\n');
  });

  test.each([
    ['are not there', 'same\nother\nend\n'],
    ['are there twice', 'same\nold\nend\nsame\nold\nend\n'],
  ])('is refused where its lines %s', (_, text) => {
    expect(() => withChange(text, change)).toThrow('The page changes lines of a/b.ts');
  });
});
