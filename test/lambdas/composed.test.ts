import { composed } from '../../lambdas/begin-run/startable/composed';
import type { Catalogue } from '../../lambdas/begin-run/startable/startable';
import { startableOf } from '../../lambdas/begin-run/startable/workflows';

const catalogue: Catalogue = {
  digests: { module: () => 'd', role: () => 'd', script: () => 'd' },
  validateModuleVariables: (_, given) => given,
  validateRoleVariables: (_, given) => given,
  validateScriptParameters: (_, given) => given,
};
const input = (more: object) => ({ workspace: 'demo/web-01', reason: 'A reason', ...more });

test('a workflow without a contract of its own takes content of the catalogue', () => {
  expect(startableOf('rotate-things')).toBe(composed);
  const { module, role, script } = composed
    .read(input({ module: 'local-host', variables: { name: 'a' }, role: 'web-service' }))
    .contentOf({ catalogue });
  expect({ module, role, script }).toEqual({ module: 'local-host', role: 'web-service', script: undefined });
  expect(
    composed.read(input({ script: 'check', parameters: { a: 1 } })).contentOf({ catalogue }),
  ).toMatchObject({
    module: null,
    script: { name: 'check', parameters: { a: 1 } },
  });
});

test('without a module it is about what the workspace was last brought to', () => {
  expect(() => composed.read(input({ role: 'web-service' })).contentOf({ catalogue })).toThrow(
    'Nothing is known to be applied',
  );
});

test.each([
  [{ variables: {} }, 'give them together with the module'],
  [{ roleVariables: {} }, 'give them together with the role'],
  [{ parameters: {} }, 'give them together with the script'],
  [{ script: 'a', role: 'b' }, 'give it, or a module and a role'],
  [{ colour: 'red' }, 'colour'],
])('refuses %j', (more, problem) => {
  expect(() => composed.read(input(more))).toThrow(problem);
});

test.each(['', '../x', 'A B', '__proto__'])('a machine that names itself %j is refused', (name) => {
  expect(() => startableOf(name)).toThrow('names itself by no name');
});
