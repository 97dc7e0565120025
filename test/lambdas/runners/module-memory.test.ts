import { mkdir, mkdtemp, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineStamp, makeModuleMemory, moduleKey } from '../../../lambdas/runners/module-memory';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'module-memory-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const place = ['.terraform', 'terraform.tfstate'] as const;

/** A folder as `tofu init` leaves it. */
const initialized = async (name: string, backend: unknown, more: Record<string, string> = {}) => {
  const folder = join(root, name);
  const provider = '.terraform/providers/registry.opentofu.org/hashicorp/time/0.14.2';
  await mkdir(join(folder, provider), { recursive: true });
  await symlink('/mirror/time', join(folder, provider, 'linux_amd64'));
  await writeFile(join(folder, ...place), JSON.stringify(backend));
  for (const [path, text] of Object.entries(more)) await writeFile(join(folder, path), text);
  return { folder, link: join(provider, 'linux_amd64') };
};
const s3 = (key: string) => ({
  version: 3,
  backend: { type: 's3', hash: 7, config: { bucket: 'state', key } },
});

test('an initialized module is laid out again, for the state of another workspace alone', async () => {
  const { folder, link } = await initialized('first', s3('a/one/terraform.tfstate'), {
    '.terraform.lock.hcl': 'locked',
  });
  const memory = makeModuleMemory();
  const other = join(root, 'other');
  await mkdir(other);
  expect(await memory.restore('key', other, 'b/two/terraform.tfstate')).toBe(false);
  await memory.remember('key', folder, 'a/one/terraform.tfstate');
  // What a task does to its own folder afterwards reaches no other.
  await writeFile(join(folder, '.terraform.lock.hcl'), 'tampered with');
  await rm(join(folder, link));

  expect(await memory.restore('key', other, 'b/two/terraform.tfstate')).toBe(true);
  const record = await readFile(join(other, ...place), 'utf8');
  expect(JSON.parse(record)).toEqual(s3('b/two/terraform.tfstate'));
  expect(await readFile(join(other, '.terraform.lock.hcl'), 'utf8')).toBe('locked');
  expect(await readlink(join(other, link))).toBe('/mirror/time');
  expect(await memory.restore('another key', other, 'b/two/terraform.tfstate')).toBe(false);
});

test.each([
  ['another workspace', s3('a/other/terraform.tfstate')],
  ['another kind of backend', { backend: { type: 'local', config: { key: 'a/one/terraform.tfstate' } } }],
])('what belongs to %s is not remembered', async (_, backend) => {
  const { folder } = await initialized('first', backend);
  const memory = makeModuleMemory();
  await memory.remember('key', folder, 'a/one/terraform.tfstate');
  expect(await memory.restore('key', join(root, 'other'), 'a/one/terraform.tfstate')).toBe(false);
});

test('nor is a module that brings more than a little', async () => {
  const { folder } = await initialized('first', s3('a/one/terraform.tfstate'), {
    '.terraform/package.bin': 'x'.repeat(3 * 1024 * 1024),
  });
  const memory = makeModuleMemory();
  await memory.remember('key', folder, 'a/one/terraform.tfstate');
  expect(await memory.restore('key', join(root, 'other'), 'a/one/terraform.tfstate')).toBe(false);
});

test('only the modules used last are kept', async () => {
  const { folder } = await initialized('first', s3('k'));
  const memory = makeModuleMemory();
  for (let n = 0; n < 9; n++) await memory.remember(`key ${n}`, folder, 'k');
  expect(await memory.restore('key 0', join(root, 'other'), 'k')).toBe(false);
  expect(await memory.restore('key 8', join(root, 'other'), 'k')).toBe(true);
});

test('an answer is asked for once, and a failure is asked again', async () => {
  const memory = makeModuleMemory();
  const ask = jest.fn<Promise<number>, []>().mockRejectedValueOnce(new Error('no')).mockResolvedValue(1);
  const recall = () => memory.recall('validity', 'key', ask);
  await expect(recall()).rejects.toThrow('no');
  expect([await recall(), await recall()]).toEqual([1, 1]);
  expect(ask).toHaveBeenCalledTimes(2);
  await memory.recall('configuration', 'key', ask);
  expect(ask).toHaveBeenCalledTimes(3);
});

test('module, place of the state, engine and mirror each make another key', async () => {
  const about = { moduleDigest: 'm', backend: { bucket: 'b' }, engine: 'e', providerMirror: undefined };
  const keys = [
    about,
    { ...about, moduleDigest: 'n' },
    { ...about, backend: { bucket: 'c' } },
    { ...about, engine: 'f' },
    { ...about, providerMirror: '/mirror' },
  ].map(moduleKey);
  expect(new Set(keys).size).toBe(keys.length);
});

test('another build of OpenTofu on the path is another engine', async () => {
  const [first, second] = [join(root, 'a'), join(root, 'b')];
  for (const folder of [first, second]) {
    await mkdir(folder);
    await writeFile(join(folder, 'tofu'), folder);
  }
  expect(await engineStamp(`/nowhere:${first}:${second}`)).toBe(await engineStamp(first));
  expect(await engineStamp(second)).not.toBe(await engineStamp(first));
  expect(await engineStamp('/nowhere')).toBe('none');
});
