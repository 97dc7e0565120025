import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composedInput } from '../../lambdas/begin-run/startable/composed';
import type { Asl } from '../../lib/asl/asl';
import { checkWorkflows, readDefinitions } from '../../lib/asl/check-workflows';
import { AslDefinition } from '../../lib/constructs/asl-definition';
import { writeWorkflow } from '../../scripts/new-workflow/write-workflow';
import { withPictures } from '../../scripts/workflow-docs/picture';

const known = readDefinitions(join(__dirname, '../../workflows'));
const blocks = Object.fromEntries(
  Object.entries(known).filter(([, asl]) => !JSON.stringify(asl).includes('${BeginRunFunctionArn}')),
);

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'new-workflow-'));
  for (const folder of ['workflows', 'docs', 'test/lib']) mkdirSync(join(root, folder), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

test('writes a definition of fewer than 60 lines that keeps every rule, and its example fits', () => {
  const [path = ''] = writeWorkflow(root, 'rotate-things');
  const text = readFileSync(join(root, path), 'utf8');
  expect(text.trimEnd().split('\n').length).toBeLessThan(60);
  const verdicts = checkWorkflows({ ...blocks, 'rotate-things': JSON.parse(text) as Asl });
  expect(verdicts['rotate-things']).toMatchObject({ problems: [], isRun: true, calls: ['role-change'] });
  expect(composedInput.safeParse(AslDefinition.fromText(text).example).success).toBe(true);
});

test('waits in order with two states of another workflow, as the guide says', () => {
  const [path = ''] = writeWorkflow(root, 'rotate-things');
  const written = JSON.parse(readFileSync(join(root, path), 'utf8')) as Asl;
  const {
    'Begin run': begin,
    'May it wait?': may,
    'Wait for workspace': wait,
  } = known['vm-provisioning']?.States ?? {};
  const States = {
    ...written.States,
    'Begin run': { ...written.States['Begin run'], Catch: begin?.Catch },
    'May it wait?': may,
    'Wait for workspace': wait,
  };
  const verdicts = checkWorkflows({
    ...blocks,
    'rotate-things': { ...written, States, TimeoutSeconds: 5529600 } as Asl,
  });
  expect(verdicts['rotate-things']?.problems).toEqual([]);
});

test('writes a manual with the picture of what it wrote, as a generated one would be', () => {
  const [path = '', manual = ''] = writeWorkflow(root, 'rotate-things');
  const text = readFileSync(join(root, manual), 'utf8');
  const asl = JSON.parse(readFileSync(join(root, path), 'utf8')) as Asl;
  expect(text).toContain('<!-- picture:rotate-things -->\n```mermaid\n');
  expect(withPictures(text, { 'rotate-things': asl })).toBe(text);
});

test('overwrites nothing', () => {
  const [path = ''] = writeWorkflow(root, 'rotate-things');
  const before = readFileSync(join(root, path), 'utf8');
  expect(() => writeWorkflow(root, 'rotate-things')).toThrow('nothing was written');
  expect(readFileSync(join(root, path), 'utf8')).toBe(before);
});

test.each(['', 'Rotate', '../up', 'two words', '-x', 'x--y', 'a'.repeat(41)])(
  'refuses the name %j',
  (name) => {
    expect(() => writeWorkflow(root, name)).toThrow('Name the workflow in lower-case words');
  },
);
