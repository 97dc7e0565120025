import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { contentOf } from '../../../lambdas/runners/content';
import {
  chooseGitModule,
  chooseModule,
  chooseRole,
  readKeptModule,
  readKeptRole,
} from '../../../lambdas/runners/kept-content';

let contentRoot: string;
beforeEach(async () => {
  contentRoot = await mkdtemp(join(tmpdir(), 'kept-content-'));
});
afterEach(() => rm(contentRoot, { recursive: true }));

const put = async (path: string, text: string): Promise<void> => {
  await mkdir(dirname(join(contentRoot, path)), { recursive: true });
  await writeFile(join(contentRoot, path), text);
};
const bucket = () => {
  const objects = new Map<string, string>();
  return {
    objects,
    find: async (key: string) => objects.get(key),
    putOnce: async (key: string, body: string) => {
      if (objects.has(key)) return false;
      objects.set(key, body);
      return true;
    },
  };
};
const version = (text: string) => put('terraform/modules/box/main.tf', `# ${text}\n`);

test('a workspace keeps its module when the catalogue moves on, until an upgrade is asked for', async () => {
  const artifacts = bucket();
  await version('one');
  const first = await chooseModule({ artifacts, contentRoot }, 'box', null);
  expect(first).toMatchObject({ from: 'catalogue', upgradedFrom: null });
  const { digest } = first.content;

  await version('two');
  const pinned = await chooseModule({ artifacts, contentRoot }, 'box', { digest, upgrade: false });
  expect(pinned).toMatchObject({ from: 'kept', upgradedFrom: null, content: { digest } });
  expect(pinned.content.files.get('main.tf')?.toString()).toBe('# one\n');

  const upgraded = await chooseModule({ artifacts, contentRoot }, 'box', { digest, upgrade: true });
  expect(upgraded).toMatchObject({ from: 'catalogue', upgradedFrom: digest });
  expect(upgraded.content.files.get('main.tf')?.toString()).toBe('# two\n');
  const again = { digest: upgraded.content.digest, upgrade: true };
  expect(await chooseModule({ artifacts, contentRoot }, 'box', again)).toMatchObject({
    from: 'catalogue',
    upgradedFrom: null,
  });
});

test('what a workspace is pinned to need not be in the catalogue any more; an upgrade to nothing is refused', async () => {
  const artifacts = bucket();
  await version('one');
  const { digest } = (await chooseModule({ artifacts, contentRoot }, 'box', null)).content;
  await rm(join(contentRoot, 'terraform/modules/box'), { recursive: true });
  const choose = (upgrade: boolean) => chooseModule({ artifacts, contentRoot }, 'box', { digest, upgrade });
  expect(await choose(false)).toMatchObject({ from: 'kept', content: { digest } });
  await expect(choose(true)).rejects.toThrow('There is no module box in the catalogue');
});

test('a role is kept with the roles that it depends on', async () => {
  const artifacts = bucket();
  await put('ansible/roles/web/meta/main.yml', 'dependencies: [base]');
  await put('ansible/roles/base/tasks/main.yml', '[]');
  const { content } = await chooseRole({ artifacts, contentRoot }, 'web', null);
  await put('ansible/roles/base/tasks/main.yml', '- ansible.builtin.debug:');
  const pin = { digest: content.digest, upgrade: false };
  const pinned = await chooseRole({ artifacts, contentRoot }, 'web', pin);
  expect(pinned.from).toBe('kept');
  expect(pinned.content).toEqual(content);
});

test('bytes that are not those of the digest are never used', async () => {
  const artifacts = bucket();
  await version('one');
  const { content } = await chooseModule({ artifacts, contentRoot }, 'box', null);
  const key = `content/${content.digest}.json`;
  const whole = artifacts.objects.get(key) ?? '';
  const other = Buffer.from('# evil\n').toString('base64');
  for (const damaged of [
    whole.replace(Buffer.from('# one\n').toString('base64'), other),
    whole.slice(0, -3),
    '{}',
  ]) {
    artifacts.objects.set(key, damaged);
    await expect(readKeptModule(artifacts, 'box', content.digest)).rejects.toMatchObject({
      name: 'ContentDamagedError',
      message: expect.stringContaining('Start again with "upgrade": true'),
    });
  }
  artifacts.objects.clear();
  await expect(readKeptModule(artifacts, 'box', content.digest)).rejects.toThrow('damaged or gone');
  const roles = JSON.stringify({ version: 1, roles: [] });
  artifacts.objects.set(key, roles);
  await expect(readKeptRole(artifacts, 'web', content.digest)).rejects.toThrow('damaged or gone');
});

test('a module of a repository is kept by its digest, and another commit is an upgrade', async () => {
  const artifacts = bucket();
  await version('one');
  const source = { git: 'https://git.example.com/team/modules.git', commit: 'a'.repeat(40), path: 'box' };
  const own = contentOf('own', new Map([['main.tf', Buffer.from('# own\n')]]));
  const fetch = async () => own;
  const first = await chooseGitModule({ artifacts, contentRoot }, 'own', source, null, fetch);
  expect(first).toEqual({ content: own, from: source, upgradedFrom: null });
  expect(await readKeptModule(artifacts, 'own', own.digest)).toEqual(own);
  const pin = { digest: '9'.repeat(64), upgrade: true };
  const next = await chooseGitModule({ artifacts, contentRoot }, 'own', source, pin, fetch);
  expect(next.upgradedFrom).toBe(pin.digest);
  const taken = chooseGitModule({ artifacts, contentRoot }, 'box', source, null, fetch);
  await expect(taken).rejects.toThrow('The catalogue has a module box');
});
