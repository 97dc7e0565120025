import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { ruleOf, type SourceRule } from '../../../lambdas/runners/env';
import { makeReadGitCredentials } from '../../../lambdas/runners/git-credentials';
import { makeFetchModule } from '../../../lambdas/runners/git-module';
import { makeTaskLog } from '../../../lambdas/runners/task-log';
import { gitSource } from '../../../lambdas/shared/git-source';
import { isPublicAddress, resolvePublicHost } from '../../../lambdas/shared/public-host';
import { type GitServer, startGitServer } from '../../support/git-server';

jest.setTimeout(60_000);

const scratch = mkdtempSync(join(tmpdir(), 'git-module-'));
let server: GitServer;
beforeAll(async () => {
  server = await startGitServer();
});
afterAll(async () => {
  await server.stop();
  rmSync(scratch, { recursive: true });
});

const secretArn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:git-reader-a1b2c3';
const secrets = mockClient(SecretsManagerClient);
const holds = (text: string) => secrets.reset().on(GetSecretValueCommand).resolves({ SecretString: text });

let count = 0;
interface At {
  readonly path?: string;
  readonly repository?: string;
  readonly rules?: readonly SourceRule[];
  readonly maxPackBytes?: number;
}
const fetchAt = async (commit: string, at: At = {}) => {
  const { path = 'modules/box', repository = '/team/work.git', maxPackBytes } = at;
  server.asked.length = 0;
  count += 1;
  const log = makeTaskLog();
  const fetchModule = makeFetchModule({
    sources: at.rules ?? [{ repository: `${server.url}/` }],
    resolveHost: async () => '127.0.0.1',
    readCredentials: makeReadGitCredentials(new SecretsManagerClient({})),
    env: server.env,
    ...(maxPackBytes !== undefined && { maxPackBytes }),
  });
  const folder = join(scratch, `fetch-${count}`);
  const place = { folder, signal: new AbortController().signal, log };
  try {
    return await fetchModule('box', { git: `${server.url}${repository}`, commit, path }, place);
  } catch (error) {
    if (error instanceof Error) error.message = log.mask(error.message);
    throw error;
  }
};

test('fetches the files of one commit, without documentation and tests, and their digest follows them', async () => {
  server.put('modules/box/main.tf', 'resource "terraform_data" "this" {}\n');
  server.put('modules/box/.terraform.lock.hcl', '# lock\n');
  server.put('modules/box/README.md', '# box\n');
  server.put('modules/box/tests/one.tftest.hcl', '');
  const first = server.commit();
  server.put('modules/box/main.tf', '# newer\n');
  const second = server.commit();
  const content = await fetchAt(first);
  expect([...content.files.keys()]).toEqual(['.terraform.lock.hcl', 'main.tf']);
  expect(content.files.get('main.tf')?.toString()).toBe('resource "terraform_data" "this" {}\n');
  expect((await fetchAt(second)).digest).not.toBe(content.digest);
});

test('refuses links, submodules, LFS, binaries and what is too large', async () => {
  const refuses = async (prepare: () => void, sentence: string): Promise<void> => {
    prepare();
    const at = server.commit();
    await expect(fetchAt(at)).rejects.toThrow(sentence);
    server.git('reset', '-q', '--hard', 'HEAD~1');
  };
  const put = (name: string, content: string | Buffer) => server.put(`modules/box/${name}`, content);
  await refuses(
    () => symlinkSync('/etc/passwd', join(server.work, 'modules/box/more.tf')),
    'more.tf is a link',
  );
  await refuses(() => {
    server.git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},modules/box/sub`);
    put('y.tf', '');
    mkdirSync(join(server.work, 'modules/box/sub'), { recursive: true });
  }, 'sub is a link, a submodule');
  await refuses(
    () => put('lfs.tf', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'),
    'lies in Git LFS',
  );
  await refuses(() => put('raw.tf', Buffer.from([0xff, 0xfe])), 'is not UTF-8 text');
  await refuses(() => put('big.tf', '#'.repeat(257 * 1024)), 'larger than 256 KiB');
  await refuses(() => put('two words.tf', ''), 'two words.tf is no plain file name');
  await refuses(() => {
    for (let at = 0; at < 101; at += 1) put(`file-${at}.tf`, '');
  }, '1 to 100 files');
});

test('a tree whose names lead out of it is refused', async () => {
  const blob = server.git('hash-object', '-w', 'modules/box/main.tf');
  const commitOf = (name: string): string => {
    const entry = Buffer.concat([Buffer.from(`100644 ${name}\0`), Buffer.from(blob, 'hex')]);
    const options = { cwd: server.work, encoding: 'utf8', input: entry } as const;
    const write = ['hash-object', '-w', '-t', 'tree', '--literally', '--stdin'];
    const tree = execFileSync('git', write, options).trim();
    return server.git('commit-tree', '-m', 'x', tree);
  };
  for (const name of ['..', '.git', '../../more.tf', '-rf', 'a\\b.tf', 'main.tf\n']) {
    const at = commitOf(name);
    server.git('update-ref', 'refs/heads/hostile', at);
    await expect(fetchAt(at, { path: '' })).rejects.toMatchObject({
      name: expect.stringMatching(/^(?:InvalidInput|SourceUnavailable)Error$/),
    });
  }
  server.git('update-ref', '-d', 'refs/heads/hostile');
});

test('ends what sends more than it may, whatever of it was asked for', async () => {
  server.put('elsewhere.bin', randomBytes(3 * 1024 * 1024));
  const large = server.commit();
  await expect(fetchAt(large, { maxPackBytes: 1024 * 1024 })).rejects.toMatchObject({
    name: 'SourceUnavailableError',
  });
  expect((await fetchAt(large)).files.size).toBe(2);
  server.git('reset', '-q', '--hard', 'HEAD~1');
});

test('refuses a commit or a folder that is not there, a redirect, and a repository that is not allowed', async () => {
  const at = server.git('rev-parse', 'HEAD');
  await expect(fetchAt('0'.repeat(40))).rejects.toMatchObject({
    name: 'SourceUnavailableError',
    message: expect.stringContaining('Check the address, the commit'),
  });
  await expect(fetchAt(at, { path: 'nowhere' })).rejects.toMatchObject({
    name: 'InvalidInputError',
    message: expect.stringContaining('has not what the source names'),
  });
  await expect(fetchAt(at, { repository: '/moved/work.git' })).rejects.toThrow('could not be read');
  expect(server.asked.length).toBeGreaterThan(0);
  expect(server.asked.every((path) => path.startsWith('/moved/'))).toBe(true);
  await expect(fetchAt(at, { rules: [] })).rejects.toThrow('is not among the repositories');
  expect(server.asked).toEqual([]);
});

test('a repository that is not public is read with a secret, which no message shows', async () => {
  const at = server.git('rev-parse', 'HEAD');
  const repository = '/private/work.git';
  const rules = [
    { repository: `${server.url}/` },
    { repository: `${server.url}/private/`, credentials: secretArn },
  ];
  holds('{"username":"reader","password":"a-token-of-the-test"}');
  expect((await fetchAt(at, { repository, rules })).files.size).toBe(2);
  expect(secrets.commandCalls(GetSecretValueCommand)[0]?.args[0].input).toEqual({
    SecretId: secretArn,
    VersionStage: 'AWSCURRENT',
  });

  secrets.resetHistory();
  await fetchAt(at, { rules });
  expect(secrets.commandCalls(GetSecretValueCommand)).toEqual([]);
  await expect(fetchAt(at, { repository })).rejects.toThrow('could not be read');

  holds('{"username":"reader","password":"another-token-of-it"}');
  const encoded = Buffer.from('reader:another-token-of-it').toString('base64');
  await expect(fetchAt(at, { repository, rules })).rejects.toMatchObject({
    name: 'SourceUnavailableError',
    message: expect.not.stringMatching(new RegExp(`another-token|${encoded}`)),
  });
});

test.each(['reader:token', '{}', '{"username":"a","password":"b\\nHost: other"}'])(
  'credentials such as %s are refused without being shown',
  async (text) => {
    holds(text);
    await expect(makeReadGitCredentials(new SecretsManagerClient({}))(secretArn)).rejects.toMatchObject({
      name: 'SourceUnavailableError',
      message: `The credentials of the repository cannot be read from the secret ${secretArn}. It must exist, and hold {"username": …, "password": …}.`,
    });
  },
);

test('a host inside a network is not asked', async () => {
  await expect(resolvePublicHost('localhost')).rejects.toThrow('an address inside a network');
  await expect(resolvePublicHost('nowhere.invalid')).rejects.toMatchObject({
    name: 'SourceUnavailableError',
  });
  const inside = fc.oneof(
    fc.tuple(fc.constantFrom('10', '127', '0'), fc.nat(255), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant('169.254'), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant('192.168'), fc.nat(255), fc.nat(255)),
    fc.tuple(
      fc.integer({ min: 16, max: 31 }).map((part) => `172.${part}`),
      fc.nat(255),
      fc.nat(255),
    ),
  );
  fc.assert(
    fc.property(inside, (parts) => !isPublicAddress(parts.join('.'))),
    { numRuns: 1000 },
  );
  expect(isPublicAddress('140.82.121.3')).toBe(true);
  expect(isPublicAddress('::1')).toBe(false);
});

describe('the grammar of a source', () => {
  const good = { git: 'https://git.example.com/team/work.git', commit: 'a'.repeat(40), path: 'modules/box' };
  const hostile = fc.oneof(
    fc.constantFrom(
      'git::ext::sh -c id',
      'ext::sh -c id',
      '/etc',
      '../../..',
      'file:///etc',
      'ssh://a.example/b',
    ),
    fc.ipV4().map((address) => `https://${address}/team/work.git`),
    fc.ipV6().map((address) => `https://[${address}]/team/work.git`),
    fc.string().map((text) => `https://git.example.com/team/work.git?ref=--upload-pack=${text}`),
    fc.string().map((text) => `https://${text}@git.example.com/team/work.git`),
    fc.string().map((text) => `https://git.example.com/../${text}`),
    fc.string().map((text) => `-${text}`),
    fc.string().map((text) => `https://git.example.com/team/work.git#${text}`),
    fc.string().map((text) => `http://git.example.com/${text}`),
    fc.string({ minLength: 1 }).map((text) => `https://git.example.com/a/${text} --x`),
  );

  test('takes a repository at a commit', () => {
    expect(gitSource.parse(good)).toEqual(good);
  });

  test('refuses every other scheme, address, user, option and way up', () => {
    fc.assert(
      fc.property(hostile, (address) => !gitSource.safeParse({ ...good, git: address }).success),
      { numRuns: 2000 },
    );
    const ref = fc.oneof(fc.constantFrom('main', 'HEAD', '--upload-pack=id', 'a'.repeat(39)), fc.string());
    fc.assert(
      fc.property(ref, (text) => !gitSource.safeParse({ ...good, commit: text }).success),
      { numRuns: 1000 },
    );
    const way = fc.oneof(
      fc.string().map((text) => `../${text}`),
      fc.string().map((text) => `/${text}`),
      fc.string().map((text) => `-${text}`),
    );
    fc.assert(
      fc.property(way, (path) => !gitSource.safeParse({ ...good, path }).success),
      { numRuns: 1000 },
    );
  });

  test('an environment allows repositories whole, or below a prefix; the most exact rule counts', () => {
    const allowed = (...repositories: string[]) =>
      ruleOf(
        good,
        repositories.map((repository) => ({ repository })),
      )?.repository;
    expect(allowed('https://git.example.com/', 'https://git.example.com/team/')).toBe(
      'https://git.example.com/team/',
    );
    expect(allowed(good.git)).toBe(good.git);
    expect(allowed('https://git.example.com/team', 'https://git.example.com/tea')).toBeUndefined();
    expect(allowed()).toBeUndefined();
  });
});
