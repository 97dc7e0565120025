import { prepareInput } from '../../cli/check-input';
import { exampleInput } from '../../cli/workflow-definitions';
import { InvalidInputError } from '../../lambdas/shared/errors';
import type { JsonValue } from '../../lambdas/shared/ledger-event';

const example = exampleInput('vm-provisioning') as Record<string, JsonValue>;
const prepare = (changes: Record<string, JsonValue>, key?: string) =>
  prepareInput('vm-provisioning', { ...example, ...changes }, key);

test('names the field that does not fit, and not its value', () => {
  const attempt = () => prepare({ workspace: 'hunter2; rm -rf' });
  expect(attempt).toThrow(InvalidInputError);
  expect(attempt).toThrow(/^The input does not fit\. workspace: write it as/);
  expect(attempt).not.toThrow(/hunter2/);
});

test('refuses fields that the workflow does not know', () => {
  expect(() => prepare({ approver: 'me' })).toThrow(/approver/);
});

test('checks the variables of module and role against the catalogue', () => {
  expect(() => prepare({ variables: { name: 'web-01', size: 'small', colour: 'red' } })).toThrow(
    'The module local-host has no variable "colour"',
  );
  expect(() => prepare({ roleVariables: { ansible_connection: 'local' } })).toThrow(InvalidInputError);
  expect(() => prepare({ module: 'nope' })).toThrow('There is no module "nope" in the catalogue.');
});

test('gives every run a trace, and keeps a valid one', () => {
  const own = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  expect(prepare({ traceparent: own }).traceparent).toBe(own);
  expect(prepare({}).traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  expect(prepare({ traceparent: 'nonsense' }).traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
});

test("the same caller's key gives the same input, trace included", () => {
  expect(prepare({}, 'order-17')).toEqual(prepare({}, 'order-17'));
  expect(prepare({}, 'order-17')).not.toEqual(prepare({}, 'order-18'));
});

test('hands a block its input unchanged', () => {
  expect(prepareInput('terraform-plan', { any: 1 })).toEqual({ any: 1 });
});
