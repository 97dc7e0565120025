import { join } from 'node:path';
import { checkWorkflows, readDefinitions } from '../../lib/asl/check-workflows';
import { blocksPage, manualPages } from '../../scripts/workflow-docs/blocks-page';
import { picture, withPictures } from '../../scripts/workflow-docs/picture';

const root = join(__dirname, '../..');
const definitions = readDefinitions(join(root, 'workflows'));

test('a picture shows states, blocks, choices and unusual errors; the usual way of errors is a sentence', () => {
  const drawn = picture({
    StartAt: 'Prepare',
    States: {
      Prepare: { Type: 'Pass', Next: 'Do "it"' },
      'Do "it"': {
        Type: 'Task',
        Arguments: { StateMachineArn: '${TerraformPlanStateMachineArn}' },
        Catch: [
          { ErrorEquals: ['StateLockedError'], Next: 'More?' },
          { ErrorEquals: ['States.ALL'], Next: 'Failed' },
        ],
        Next: 'More?',
      },
      'More?': {
        Type: 'Choice',
        Choices: [{ Condition: '{% $turns < 5 %}', Next: 'Do "it"' }],
        Default: 'Again',
      },
      Again: { Type: 'Task', Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Failed' }], Next: 'Done' },
      Done: { Type: 'Succeed' },
      Failed: { Type: 'Fail' },
    },
  });
  expect(drawn.split('\n')).toEqual([
    '```mermaid',
    'flowchart TD',
    `  s1[["Do 'it'<br/><i>terraform-plan</i>"]]`,
    '  s1 --> s2',
    '  s1 -.->|"StateLockedError"| s2',
    '  s2{"More?"}',
    '  s2 -->|"turns #lt; 5"| s1',
    '  s2 -->|otherwise| s3',
    '  s3["Again"]',
    '  s3 --> s4',
    '  s4(["Done"])',
    '  s5(["Failed"])',
    '```',
    '',
    expect.stringContaining('an error leads to *Failed*'),
  ]);
});

test('every workflow that begins a run stands in a page, as it is', () => {
  const pages = manualPages(root);
  for (const [path, text] of Object.entries(pages))
    expect([path, withPictures(text, definitions)]).toEqual([path, text]);
  const shown = Object.values(pages).join('\n');
  const runs = Object.entries(checkWorkflows(definitions)).filter(([, { isRun }]) => isRun);
  expect(runs.filter(([name]) => !shown.includes(`<!-- picture:${name} -->`)).map(([name]) => name)).toEqual(
    [],
  );
});

test('a place for the picture of no workflow is refused', () => {
  const page = '<!-- picture:nothing -->\n<!-- /picture -->';
  expect(() => withPictures(page, definitions)).toThrow('there is no such workflow');
});

test('the page of blocks is as the blocks are: contract, decision, bounds, cost, errors, example', () => {
  const page = blocksPage(root, checkWorkflows(definitions));
  expect(manualPages(root)['docs/blocks.md']).toBe(page);
  const apply = page.split(/^(?=## )/m).find((part) => part.startsWith('## terraform-apply\n'));
  expect(apply).toMatch(/\| decision \| the caller’s, on the very change \|/);
  expect(apply).toMatch(/\| errors \| .*`StalePlanError`/);
  expect(apply).toMatch(/\| costs at least \| \d+ transitions of its own, 0\.\d{6} USD/);
});
