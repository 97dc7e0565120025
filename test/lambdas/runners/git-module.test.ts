import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { fetchGitModule, isPublicAddress, resolvePublicHost } from '../../../lambdas/runners/git-module';
import { gitSource, isAllowedSource } from '../../../lambdas/shared/git-source';

jest.setTimeout(60_000);

const scratch = mkdtempSync(join(tmpdir(), 'git-module-'));
const work = join(scratch, 'work');
const git = (...args: string[]): string =>
  execFileSync('git', ['-C', work, '-c', 'user.name=a', '-c', 'user.email=a@b.example', ...args], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', HOME: scratch, GIT_CONFIG_NOSYSTEM: '1' },
  }).trim();
const put = (path: string, content: string | Buffer): void => {
  mkdirSync(join(work, path, '..'), { recursive: true });
  writeFileSync(join(work, path), content);
};
const commit = (): string => {
  git('add', '-A');
  git('commit', '-q', '-m', 'x');
  return git('rev-parse', 'HEAD');
};

let server: Server;
let url: string;
let asked: string[] = [];

/** A repository over HTTPS as a hosting service serves it, by Git's own backend. */
beforeAll(async () => {
  mkdirSync(work);
  execFileSync('git', ['init', '-q', '-b', 'main', work]);
  execFileSync(
    'openssl',
    [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ],
      ...['-keyout', join(scratch, 'key.pem'), '-out', join(scratch, 'cert.pem')],
      ...['-subj', '/CN=git.example.com', '-addext', 'subjectAltName=DNS:git.example.com'],
    ],
    { stdio: 'ignore' },
  );
  const options = {
    key: readFileSync(join(scratch, 'key.pem')),
    cert: readFileSync(join(scratch, 'cert.pem')),
  };
  server = createServer(options, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://git.example.com');
    asked.push(pathname);
    if (pathname.startsWith('/moved/')) {
      response.writeHead(302, {
        location: `https://git.example.com/team/work.git/info/refs?service=git-upload-pack`,
      });
      response.end();
      return;
    }
    const backend = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env.PATH,
        GIT_PROJECT_ROOT: scratch,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: pathname.replace('/team/work.git', '/work/.git'),
        QUERY_STRING: searchParams.toString(),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'],
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        REMOTE_ADDR: '127.0.0.1',
      },
    });
    request.pipe(backend.stdin);
    const chunks: Buffer[] = [];
    backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    backend.on('close', () => {
      const said = Buffer.concat(chunks);
      const end = said.indexOf('\r\n\r\n');
      for (const line of said.subarray(0, end).toString().split('\r\n')) {
        const [name = '', value = ''] = line.split(/: (.*)/);
        if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
        else if (name) response.setHeader(name, value);
      }
      response.end(said.subarray(end + 4));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `https://git.example.com:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(scratch, { recursive: true });
});

let count = 0;
const fetchAt = async (
  at: string,
  path = 'modules/box',
  repository = '/team/work.git',
  sources = [`${url}/`],
) => {
  asked = [];
  count += 1;
  return fetchGitModule(
    {
      sources,
      resolveHost: async () => '127.0.0.1',
      env: { PATH: process.env.PATH, SSL_CERT_FILE: join(scratch, 'cert.pem') },
    },
    'box',
    { git: `${url}${repository}`, commit: at, path },
    { folder: join(scratch, `fetch-${count}`), signal: new AbortController().signal },
  );
};

test('fetches the files of one commit, without documentation, and their digest follows them', async () => {
  put('modules/box/main.tf', 'resource "terraform_data" "this" {}\n');
  put('modules/box/README.md', '# box\n');
  const first = commit();
  put('modules/box/main.tf', '# newer\n');
  const second = commit();
  const content = await fetchAt(first);
  expect([...content.files.keys()]).toEqual(['main.tf']);
  expect(content.files.get('main.tf')?.toString()).toBe('resource "terraform_data" "this" {}\n');
  expect((await fetchAt(second)).digest).not.toBe(content.digest);
});

test('refuses links, submodules, LFS, binaries and what is too large', async () => {
  const refuses = async (prepare: () => void, sentence: string): Promise<void> => {
    prepare();
    const at = commit();
    await expect(fetchAt(at)).rejects.toThrow(sentence);
    git('reset', '-q', '--hard', 'HEAD~1');
  };
  await refuses(() => symlinkSync('/etc/passwd', join(work, 'modules/box/more.tf')), 'more.tf is a link');
  await refuses(() => {
    git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},modules/box/sub`);
    put('modules/box/y.tf', '');
    mkdirSync(join(work, 'modules/box/sub'), { recursive: true });
  }, 'sub is a link, a submodule');
  await refuses(
    () => put('modules/box/lfs.tf', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'),
    'lies in Git LFS',
  );
  await refuses(() => put('modules/box/raw.tf', Buffer.from([0xff, 0xfe])), 'is not UTF-8 text');
  await refuses(() => put('modules/box/big.tf', '#'.repeat(257 * 1024)), 'larger than 256 KiB');
});

test('refuses a commit or a folder that is not there, a redirect, and a repository that is not allowed', async () => {
  const at = git('rev-parse', 'HEAD');
  await expect(fetchAt('0'.repeat(40))).rejects.toThrow('could not be read');
  await expect(fetchAt(at, 'nowhere')).rejects.toThrow('could not be read');
  await expect(fetchAt(at, 'modules/box', '/moved/work.git')).rejects.toThrow('could not be read');
  expect(asked.every((path) => path.startsWith('/moved/'))).toBe(true);
  await expect(fetchAt(at, 'modules/box', '/team/work.git', [])).rejects.toThrow(
    'is not among the repositories',
  );
  expect(asked).toEqual([]);
});

test('a host inside a network is not asked', async () => {
  await expect(resolvePublicHost('localhost')).rejects.toThrow('an address inside a network');
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

  test('an environment allows repositories whole, or below a prefix', () => {
    expect(isAllowedSource(good, ['https://git.example.com/team/'])).toBe(true);
    expect(isAllowedSource(good, [good.git])).toBe(true);
    expect(isAllowedSource(good, ['https://git.example.com/team', 'https://git.example.com/tea'])).toBe(
      false,
    );
    expect(isAllowedSource(good, [])).toBe(false);
  });
});
