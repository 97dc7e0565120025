import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { composeWorkflows, workflowsUsing } from '../../../lib/constructs/compose-workflows';
import type { Workflow } from '../../../lib/constructs/workflow';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** Files that name these tokens, deployed by name alone. */
const compose = (files: Readonly<Record<string, readonly string[]>>) => {
  const folder = mkdtempSync(join(tmpdir(), 'workflows-'));
  folders.push(folder);
  for (const [name, tokens] of Object.entries(files))
    writeFileSync(
      join(folder, `${name}.asl.json`),
      JSON.stringify({ States: {}, tokens: tokens.map((token) => `\${${token}}`) }),
    );
  const stack = new Stack();
  const deployed: [string, string[]][] = [];
  const { started, others } = composeWorkflows(
    folder,
    { BeginRunFunctionArn: { value: 'begin' }, NotifyFunctionArn: { value: 'notify' } },
    (name, _, bindings) => {
      deployed.push([name, Object.keys(bindings)]);
      return Object.assign(new Construct(stack, name), {
        name,
        stateMachine: { stateMachineArn: name },
        executionArn: () => `${name}:*`,
      }) as unknown as Workflow;
    },
  );
  return { deployed, started: started.map(({ name }) => name), others: others.map(({ name }) => name) };
};

test('blocks come before what calls them, and each file gets what it names', () => {
  const { deployed } = compose({
    all: ['BeginRunFunctionArn', 'OneBlockStateMachineArn'],
    'one-block': ['NotifyFunctionArn'],
  });
  expect(deployed).toEqual([
    ['one-block', ['NotifyFunctionArn']],
    ['all', ['BeginRunFunctionArn', 'OneBlockStateMachineArn']],
  ]);
});

test('what begins a run is started by people', () => {
  const { started, others } = compose({
    block: [],
    one: ['BeginRunFunctionArn'],
    two: ['BeginRunFunctionArn'],
  });
  expect(started).toEqual(['one', 'two']);
  expect(others).toEqual(['block']);
});

test('finds the workflows that use a token', () => {
  compose({ one: ['AwaitLeaseFunctionArn'], two: [], three: ['AwaitLeaseFunctionArn'] });
  expect(workflowsUsing(folders.at(-1) ?? '', 'AwaitLeaseFunctionArn')).toEqual(['one', 'three']);
});

test('what nobody knows is left for the file to miss', () => {
  expect(compose({ one: ['NoSuchStateMachineArn', 'NoSuchFunctionArn'] }).deployed).toEqual([['one', []]]);
});

test('refuses workflows that call each other', () => {
  const circle = { a: ['BStateMachineArn'], b: ['CStateMachineArn'], c: ['AStateMachineArn'] };
  expect(() => compose(circle)).toThrow('Workflows call each other in a circle: a → b → c → a.');
});
