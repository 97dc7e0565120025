import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { vmProvisioningInput } from '../../lambdas/begin-run/startable/vm-provisioning';
import { validateModuleVariables, validateRoleVariables } from '../../lambdas/shared/catalogue';

const root = join(__dirname, '../..');

test('the example for an account fits the workflow, the module and the role', () => {
  const text = readFileSync(join(root, 'docs/examples/vm-provisioning.aws.json'), 'utf8');
  const input = vmProvisioningInput.parse(JSON.parse(text));
  expect(input.module).toBe('vm');
  expect(() => validateModuleVariables(input.module, input.variables)).not.toThrow();
  expect(() => validateRoleVariables(input.role, input.roleVariables)).not.toThrow();
});

const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter((path) =>
  path.endsWith('.md'),
);

test.each(pages)('what %s links to is there', (page) => {
  const text = readFileSync(join(root, page), 'utf8');
  const targets = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, path]) => path ?? '');
  expect(targets.filter((path) => !existsSync(join(root, dirname(page), path)))).toEqual([]);
});
