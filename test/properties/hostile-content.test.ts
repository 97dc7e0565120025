import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { checkModuleConfiguration, checkModuleFiles } from '../../lambdas/runners/module-policy';
import { type PlanPolicy, readPlanPolicy } from '../../lambdas/runners/plan-policy';
import { readRole } from '../../lambdas/runners/role-content';
import { makeTerraformPlan } from '../../lambdas/runners/terraform-plan';
import { InvalidInputError } from '../../lambdas/shared/errors';
import { aRun } from '../support/change-fixtures';
import { makeToollessWorker, outcomeOf } from '../support/toolless-worker';

jest.setTimeout(180_000);
const thousand = { numRuns: 1000 };
const modules = 'terraform/modules/box';

let worker: Awaited<ReturnType<typeof makeToollessWorker>>;
let policy: PlanPolicy;
beforeAll(async () => {
  worker = await makeToollessWorker();
  policy = await readPlanPolicy(worker.contentRoot);
  await worker.write(`${modules}/main.tf`, 'resource "terraform_data" "this" {}\n');
});
afterAll(() => worker?.remove());

const plan = () =>
  worker.inTask((context) =>
    outcomeOf(
      makeTerraformPlan(worker.deps)(
        { task: 'terraform-plan', run: aRun, module: 'box', variables: {}, mode: 'apply', targets: [] },
        context,
      ),
    ),
  );
/** Plans the module with one file more. */
const planWith = async (file: string, text: string) => {
  await worker.write(`${modules}/${file}`, text);
  const outcome = await plan();
  await rm(join(worker.contentRoot, modules, file));
  return outcome;
};
/** A thousand cases by the check alone, and some by the whole task, which makes it before it starts any tool. */
const refuseAll = async (files: fc.Arbitrary<readonly [string, string]>): Promise<void> => {
  const good = Buffer.from('resource "terraform_data" "this" {}\n');
  fc.assert(
    fc.property(files, ([file, text]) => {
      const content = {
        name: 'box',
        digest: '',
        files: new Map([
          ['main.tf', good],
          [file, Buffer.from(text)],
        ]),
      };
      expect(() => checkModuleFiles(content)).toThrow(InvalidInputError);
    }),
    thousand,
  );
  await fc.assert(
    fc.asyncProperty(files, async ([file, text]) =>
      expect(await planWith(file, text)).toMatchObject({ reachedTool: false, name: 'InvalidInputError' }),
    ),
    { numRuns: 25 },
  );
};

test('a good module, also with one good file more, comes to a tool: so these tests can fail', async () => {
  expect(await plan()).toMatchObject({ reachedTool: true });
  expect(await planWith('more.tf', 'locals {\n  provider = "x"\n}\n')).toMatchObject({ reachedTool: true });
});

const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);

test('no module with a file that sets values, overrides others, or is no file of a module', async () => {
  const name = fc.oneof(
    word.map((stem) => `${stem}.auto.tfvars`),
    word.map((stem) => `${stem}.auto.tfvars.json`),
    word.map((stem) => `${stem}_override.tf`),
    word.map((stem) => `${stem}.tf.json`),
    word.map((stem) => `${stem}.tofu`),
    fc.constantFrom(
      'override.tf',
      'terraform.tfvars',
      '.terraformrc',
      '.env',
      'x.sh',
      'x.tftest.hcl',
      'crash.log',
    ),
    fc
      .tuple(word, fc.constantFrom('exe', 'py', 'so', 'rc', 'tfstate', 'hcl'))
      .map((parts) => parts.join('.')),
  );
  await refuseAll(fc.tuple(name, fc.string()));
});

test('no module with a block that only the orchestrator sets, however it is written', async () => {
  const space = fc.constantFrom(' ', '  ', '\t', '/* x */', ' /* provider */ ', '/**/');
  const lead = fc.constantFrom(
    '',
    '\n',
    ' ',
    '\t',
    '/* x */',
    '/*\n*/ ',
    '\ufeff',
    'locals {}\r\n',
    '# x\n',
    '// x\n',
  );
  const label = fc.oneof(
    word.map((text) => `"${text}"`),
    fc.constantFrom('"aws"', '"s3"', '"http"'),
  );
  const block = fc.oneof(
    fc
      .tuple(fc.constantFrom('provider', 'backend'), space, label, space)
      .map(([kind, before, text, after]) => `${kind}${before}${text}${after}{}`),
    fc.tuple(fc.constantFrom('provider', 'backend'), word).map(([kind, text]) => `${kind} ${text} {}`),
    fc
      .tuple(fc.constantFrom('cloud', 'encryption', 'import', 'removed'), space)
      .map(([kind, before]) => `${kind}${before}{}`),
  );
  const wrapped = fc
    .tuple(lead, block, fc.boolean())
    .map(([before, text, inTerraform]) =>
      inTerraform ? `terraform {\n${before}${text}\n}\n` : `${before}${text}\n`,
    );
  await fc.assert(
    fc.asyncProperty(wrapped, async (text) =>
      expect(await planWith('more.tf', text)).toMatchObject({
        reachedTool: false,
        name: 'InvalidInputError',
      }),
    ),
    thousand,
  );
});

test('no configuration with a module, provider, data source, ephemeral resource or provisioner that is not allowed', () => {
  const { providers, dataSources } = policy.module;
  const source = fc
    .tuple(
      fc.constantFrom('git::ext::sh -c ', 'git::https://', 'http://169.254.169.254/', '/etc', '../../', './'),
      fc.string(),
    )
    .map((parts) => parts.join(''));
  const type = fc.oneof(fc.constantFrom('external', 'http', 'local_file', 'aws_lambda_invocation'), word);
  const configuration = fc.oneof(
    fc
      .tuple(word, source)
      .map(([name, from]) => ({ root_module: { module_calls: { [name]: { source: from } } } })),
    fc
      .oneof(
        fc.constantFrom('registry.opentofu.org/hashicorp/external', 'registry.opentofu.org/hashicorp/http'),
        fc.string({ minLength: 1 }),
        fc.constantFrom(...providers).map((known) => `${known}x`),
      )
      .filter((name) => !providers.includes(name))
      .map((full_name) => ({ provider_config: { x: { full_name } }, root_module: {} })),
    fc
      .tuple(type, fc.constantFrom('data', 'ephemeral', 'action', ''))
      .filter(([given]) => !dataSources.includes(given))
      .map(([given, mode]) => ({ root_module: { resources: [{ address: 'x.y', mode, type: given }] } })),
    fc.oneof(fc.constantFrom('local-exec', 'remote-exec', 'file'), word).map((provisioner) => ({
      root_module: {
        resources: [{ address: 'x.y', mode: 'managed', type: 'x', provisioners: [{ type: provisioner }] }],
      },
    })),
  );
  fc.assert(
    fc.property(configuration, (given) => {
      expect(() => checkModuleConfiguration('box', given, policy.module)).toThrow(InvalidInputError);
    }),
    thousand,
  );
});

test('no role that depends on what is no role of the catalogue', async () => {
  const dependency = fc.oneof(
    fc.string({ minLength: 1 }).filter((name) => !/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)),
    fc.constantFrom('../../x', '/etc', '-x', 'git+https://example.org/x', 'ns.collection.role'),
    fc.string().map((src) => ({ src })),
    fc.tuple(word, fc.string()).map(([role, version]) => ({ role, version })),
    fc.tuple(word, word).map(([role, name]) => ({ role, vars: { ansible_connection: name } })),
  );
  await fc.assert(
    fc.asyncProperty(dependency, async (given) => {
      await worker.write('ansible/roles/web/meta/main.yml', JSON.stringify({ dependencies: [given] }));
      await expect(readRole(worker.contentRoot, 'web')).rejects.toThrow(InvalidInputError);
    }),
    thousand,
  );
});
