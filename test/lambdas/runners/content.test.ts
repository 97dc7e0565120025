import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readContent } from '../../../lambdas/runners/content';
import {
  checkModuleConfiguration,
  checkModuleFiles,
  checkVariableNames,
} from '../../../lambdas/runners/module-policy';
import { readPlanPolicy } from '../../../lambdas/runners/plan-policy';
import { readRole } from '../../../lambdas/runners/role-content';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'content-'));
});
afterEach(() => rm(root, { recursive: true }));
const put = async (path: string, text: string): Promise<void> => {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
};
const main = 'resource "terraform_data" "this" {}\n';

test('the digest follows the files that run, and no others', async () => {
  await put('terraform/modules/box/main.tf', main);
  const first = await readContent(root, 'module', 'box');
  await put('terraform/modules/box/tests/box.tftest.hcl', 'x');
  expect((await readContent(root, 'module', 'box')).digest).toBe(first.digest);
  await put('terraform/modules/box/main.tf', `${main}\n`);
  expect((await readContent(root, 'module', 'box')).digest).not.toBe(first.digest);
});

test.each(['../../etc', '/etc', '-x', '', 'git::ext::sh -c id', 'a/b', '.'])(
  'refuses the module %j',
  async (name) => {
    await put('terraform/modules/box/main.tf', main);
    await expect(readContent(root, 'module', name)).rejects.toMatchObject({ name: 'InvalidInputError' });
  },
);

test('refuses a module that leads out of the catalogue, and links inside of one', async () => {
  await put('elsewhere/main.tf', main);
  await put('terraform/modules/box/main.tf', main);
  await symlink(join(root, 'elsewhere'), join(root, 'terraform/modules/out'));
  await expect(readContent(root, 'module', 'out')).rejects.toThrow('it leads out of the catalogue');
  await symlink('/etc/passwd', join(root, 'terraform/modules/box/more.tf'));
  await expect(readContent(root, 'module', 'box')).rejects.toThrow('more.tf is a link');
});

test.each([
  ['x.auto.tfvars', ''],
  ['terraform.tfvars', ''],
  ['override.tf', ''],
  ['main_override.tf', ''],
  ['main.tf.json', '{}'],
  ['main.tofu', ''],
  ['nested/main.tf', ''],
  ['provider.tf', 'provider "aws" {\n}'],
  ['backend.tf', 'terraform {\n  backend "s3" {}\n}'],
  ['cloud.tf', 'terraform {\n  cloud {\n  }\n}'],
  ['unquoted.tf', 'provider aws {\n  alias = "x"\n}'],
  ['comment.tf', '/* a */ provider /* b */ "aws" {\n}'],
  ['lines.tf', '/*\n*/ import {\n}'],
  ['between.tf', 'removed/**/{\n}'],
  ['mark.tf', '\ufeffprovider "aws" {\n}'],
  ['return.tf', 'locals {\r\n}\r\nterraform {\r\n\tbackend\t"s3" {}\r\n}'],
])('refuses a module with %s', async (file, text) => {
  await put('terraform/modules/box/main.tf', main);
  await put(`terraform/modules/box/${file}`, text);
  const module = await readContent(root, 'module', 'box');
  expect(() => checkModuleFiles(module)).toThrow(`The module box cannot be used: ${file}`);
});

test('a module may name the provider of a resource, and use these words for its own things', async () => {
  const text =
    'resource "aws_instance" "this" {\n  provider = aws\n}\nlocals {\n  import = 1\n  backend = { cloud = 2 }\n}';
  await put('terraform/modules/box/main.tf', text);
  expect(checkModuleFiles(await readContent(root, 'module', 'box'))).toBeUndefined();
});

test.each([
  [{ resources: [{ address: 'data.http.x', mode: 'data', type: 'http' }] }, 'data.http.x reads'],
  [
    { resources: [{ address: 'a.b', mode: 'managed', type: 'a', provisioners: [{ type: 'remote-exec' }] }] },
    'a.b has a provisioner "remote-exec"',
  ],
  [{ resources: [{ address: 'ephemeral.x.y', mode: 'ephemeral', type: 'x' }] }, 'ephemeral.x.y reads'],
  [{ module_calls: { evil: { source: 'git::ext::sh -c id' } } }, 'it calls the module "evil"'],
])('refuses the configuration %j', async (root_module, sentence) => {
  const { module } = await readPlanPolicy(join(__dirname, '../../..'));
  expect(() => checkModuleConfiguration('box', { root_module }, module)).toThrow(sentence);
});

test('a role brings the roles it depends on, and its digest covers them', async () => {
  await put('ansible/roles/web/meta/main.yml', 'dependencies: [{ role: base }]');
  await put('ansible/roles/base/tasks/main.yml', '[]');
  const first = await readRole(root, 'web');
  expect(first.roles.map(({ name }) => name)).toEqual(['base', 'web']);
  await put('ansible/roles/base/tasks/main.yml', '- ansible.builtin.debug:');
  expect((await readRole(root, 'web')).digest).not.toBe(first.digest);
  await put('ansible/roles/base/meta/main.yml', 'dependencies: [web]');
  await expect(readRole(root, 'web')).rejects.toThrow('depends on itself');
  await put('ansible/roles/base/meta/main.yml', 'dependencies: [{ src: "git+https://example.org/x" }]');
  await expect(readRole(root, 'web')).rejects.toThrow('must be names of roles of the catalogue');
});

test('variables of a module that the catalogue does not know are held against its own declarations', () => {
  const configuration = { root_module: { variables: { name: { required: true }, size: {} } } };
  expect(checkVariableNames('box', configuration, { name: 'a', size: 1 })).toBeUndefined();
  expect(() => checkVariableNames('box', configuration, { name: 'a', sise: 1 })).toThrow(
    'The module box has no variable "sise" in the version that is used. Known: name, size.',
  );
  expect(() => checkVariableNames('box', configuration, {})).toThrow('The module box needs name.');
});
