import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import aslValidator from 'asl-validator';
import { startableOf, startableWorkflows } from '../../lambdas/begin-run/startable/workflows';
import { fargateTask } from '../../lambdas/runners/contract';
import { setFreezeInput } from '../../lambdas/set-freeze/contract';
import { AslDefinition } from '../../lib/constructs/asl-definition';

const folder = join(__dirname, '../../workflows');
const files = readdirSync(folder).filter((file) => file.endsWith('.asl.json'));
const load = (file: string): AslDefinition => AslDefinition.fromFile(join(folder, file));

test.each(files)('%s is valid Amazon States Language with every token bound', (file) => {
  const definition = load(file);
  const values = Object.fromEntries(
    [...definition.tokens].map((token) => [
      token,
      token.endsWith('Arn') ? `arn:aws:states:eu-central-1:123456789012:thing:${token}` : token,
    ]),
  );
  const { isValid, errorsText } = aslValidator(JSON.parse(definition.substitute(values)));
  expect(errorsText('\n')).toBe('');
  expect(isValid).toBe(true);
});

test.each(files)('%s names its states once and its example parses', (file) => {
  expect(load(file).example).toEqual(expect.any(Object));
});

test('the example of set-freeze fits its contract', () => {
  expect(() => setFreezeInput.parse(load('set-freeze.asl.json').example)).not.toThrow();
});

const beginning = files.filter((file) => load(file).tokens.has('BeginRunFunctionArn'));

test('what has a contract begins a run', () => {
  expect(beginning).toEqual(
    expect.arrayContaining(Object.keys(startableWorkflows).map((name) => `${name}.asl.json`)),
  );
});

test.each(beginning)('%s begins under its own name, and its example fits its contract', (file) => {
  const definition = load(file);
  const name = file.replace('.asl.json', '');
  expect(JSON.stringify(definition.asl.States['Begin run'])).toContain(`'workflow': '${name}'`);
  expect(() => startableOf(name).read(definition.example)).not.toThrow();
});

test('the example of fargate-task fits its contract', () => {
  expect(() => fargateTask.parse(load('fargate-task.asl.json').example)).not.toThrow();
});
