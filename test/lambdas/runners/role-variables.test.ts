import { masked } from '../../../lambdas/runners/masking';
import { asUnsafe, checkRoleVariables, shownVariables } from '../../../lambdas/runners/role-variables';

const role = { name: 'web', roles: [{ name: 'web', files: new Map(), digest: '' }], digest: '' };

test('hides what is secret by its name, at whatever depth it stands', () => {
  const { shown, secrets } = shownVariables(
    {
      web_port: 80,
      web_password: 'alpha-alpha',
      web_declared: ['beta-beta', 'gamma-gamma'],
      web_users: [
        { name: 'jo', apiToken: 'delta-delta' },
        { name: 'al', secrets: { one: 'epsilon-epsilon' } },
      ],
    },
    new Set(['web_declared']),
  );
  expect(shown).toEqual([
    { name: 'web_port', value: '80' },
    { name: 'web_password', value: masked },
    { name: 'web_declared', value: masked },
    {
      name: 'web_users',
      value: `[{"name":"jo","apiToken":"${masked}"},{"name":"al","secrets":"${masked}"}]`,
    },
  ]);
  expect(secrets).toEqual(['alpha-alpha', 'beta-beta', 'gamma-gamma', 'delta-delta', 'epsilon-epsilon']);
});

test.each([
  ['ansible_connection', 'local'],
  ['hostvars', {}],
  ['web-port', 1],
  ['web_x', { __ansible_vault: 'x' }],
  ['web_x', [{ '{{ lookup("pipe", "id") }}': 1 }]],
])('refuses the variable %s = %j', (name, value) => {
  expect(() => checkRoleVariables(role, { [name]: value })).toThrow(/cannot be given to the role web/);
});

test('text is never a template', () => {
  expect(asUnsafe({ a: ['{{ lookup("pipe", "id") }}', 1] })).toEqual({
    a: [{ __ansible_unsafe: '{{ lookup("pipe", "id") }}' }, 1],
  });
});
