import { checkInput } from '../../lambdas/begin-run/begin-run';
import { requireStartable } from '../../lambdas/begin-run/startable/workflows';
import { catalogueDigests, validateScriptParameters } from '../../lambdas/shared/catalogue';
import { InvalidInputError } from '../../lambdas/shared/errors';

const unasked = () => {
  throw new Error('Neither module nor role was asked for.');
};
const catalogue = {
  digests: catalogueDigests,
  validateModuleVariables: unasked,
  validateRoleVariables: unasked,
  validateScriptParameters,
};
const digest = catalogueDigests.script('http-probe') ?? '';
const input = (more: object = {}) => ({
  workspace: 'demo/checks',
  script: 'http-probe',
  parameters: { url: 'https://example.com/' },
  reason: 'A test',
  ...more,
});
const contentOf = (more?: object) =>
  requireStartable('run-script').read(input(more)).contentOf({ catalogue });

test('a run of a script is about the script and its parameters alone', () => {
  expect(contentOf({ digest })).toMatchObject({
    module: null,
    role: null,
    script: { name: 'http-probe', parameters: { url: 'https://example.com/' } },
    reason: 'A test',
    approvalTimeoutSeconds: 86_400,
  });
});

test.each([
  ['a script that is none', { script: 'rm' }, /no script "rm"/],
  ['a script by its path', { script: '../http-probe' }, /script: /],
  ['the text of a script', { source: 'rm -rf /' }, /source/],
  ['a parameter that it has not', { parameters: { url: 'x', shell: 'sh' } }, /no parameter "shell"/],
  ['a parameter that is missing', { parameters: {} }, /needs url/],
  [
    'another digest than the catalogue has',
    { digest: 'a'.repeat(64) },
    new RegExp(`its digest is ${digest}`),
  ],
])('refuses %s before anything starts', (_, more, message) => {
  const check = () => checkInput('run-script', input(more), catalogue);
  expect(check).toThrow(InvalidInputError);
  expect(check).toThrow(message);
});

test('a run that failed is resumed by showing the script anew', () => {
  expect(requireStartable('run-script').entries).toEqual(['plan']);
});
