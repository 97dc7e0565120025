import { prepareInput } from '../../cli/check-input';
import { inputLimits } from '../../cli/read-input';
import { parseStrictJson } from '../../cli/strict-json';
import { assertKnown, exampleInput, workflowNames } from '../../cli/workflow-definitions';
import { InvalidInputError } from '../../lambdas/shared/errors';

test.each(workflowNames())('the example of %s is an input that the workflow takes', (workflow) => {
  const text = JSON.stringify(exampleInput(workflow), null, 2);
  const input = parseStrictJson(new TextEncoder().encode(text), inputLimits);
  expect(() => prepareInput(workflow, input as Record<string, never>)).not.toThrow();
});

test.each(['nope', '../package', '', 'vm-provisioning.asl.json', '__proto__'])(
  'refuses the unknown workflow %j and lists the known',
  (name) => {
    expect(() => assertKnown(name)).toThrow(InvalidInputError);
    expect(() => assertKnown(name)).toThrow(/Known: .*terraform-plan, vm-provisioning\.$/);
  },
);
