import { createHash } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { promises as fs } from 'node:fs';
import { BlockList, isIPv4 } from 'node:net';
import { join } from 'node:path';
import { InvalidInputError } from '../shared/errors';
import { type GitSource, gitSource, isAllowedSource } from '../shared/git-source';
import { plainText } from '../shared/plain-text';
import { type Content, contentOf } from './content';
import { toolEnvironment } from './tool-environment';
import { runTool } from './tool-process';

const limits = { files: 100, fileBytes: 256 * 1024, totalBytes: 2 * 1024 * 1024, fetchMs: 60_000 };
/** Documentation and tests: never run, so not part of what is approved. */
const leftOut = /^(?:examples|tests)\/|^README\.md$/;

const inner = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  inner.addSubnet(network, bits, 'ipv4');

/** Whether an address is one that the whole internet could mean: no private, link-local or metadata one. */
export const isPublicAddress = (address: string): boolean => isIPv4(address) && !inner.check(address, 'ipv4');

/** The address that a host is fetched from; the tool is told to use exactly this one. */
export type ResolveHost = (host: string) => Promise<string>;

/** @throws InvalidInputError when any of the host's addresses is no public one. */
export const resolvePublicHost: ResolveHost = async (host) => {
  const found = await lookup(host, { all: true, family: 4 }).catch(() => []);
  const first = found[0];
  if (!first) throw new InvalidInputError(`The host ${host} of the module's repository is not known.`);
  if (!found.every(({ address }) => isPublicAddress(address)))
    throw new InvalidInputError(
      `The host ${host} of the module's repository has an address inside a network.`,
    );
  return first.address;
};

export interface GitModuleDeps {
  /** Repositories, or prefixes of them that end with "/", which this environment allows. */
  readonly sources: readonly string[];
  readonly resolveHost: ResolveHost;
  readonly env: NodeJS.ProcessEnv;
}

interface Place {
  /** Fresh, and removed by the caller. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

const entryPattern = /^(\d{6}) (\w+) ([0-9a-f]{40}) +(-|\d+)\t(.+)$/s;

/**
 * Fetches a module from a Git repository at one commit. Nothing is checked out: no hook, filter, link or submodule is
 * ever followed; each file is read as the object that the commit names, and hashed.
 *
 * @throws InvalidInputError
 */
export const fetchGitModule = async (
  deps: GitModuleDeps,
  name: string,
  given: GitSource,
  { folder, signal }: Place,
): Promise<Content> => {
  const parsed = gitSource.safeParse(given);
  const refuse = (why: string) => new InvalidInputError(`The module ${name} cannot be used: ${why}.`);
  if (!parsed.success) throw refuse('its source is no repository at a commit');
  const source = parsed.data;
  if (!isAllowedSource(source, deps.sources))
    throw refuse(
      `${source.git} is not among the repositories that this environment allows (sources in lib/config)`,
    );
  const { hostname, port } = new URL(source.git);
  const address = await deps.resolveHost(hostname);
  const repository = join(folder, 'repository.git');
  const home = join(folder, 'git-home');
  await fs.mkdir(home, { recursive: true, mode: 0o700 });
  const plain = toolEnvironment(deps.env, home);
  const git = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runTool({
      command: 'git',
      args,
      cwd: home,
      env: {
        ...plain,
        ...(plain.SSL_CERT_FILE !== undefined && { GIT_SSL_CAINFO: plain.SSL_CERT_FILE }),
        GIT_DIR: repository,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_TERMINAL_PROMPT: '0',
        GIT_ALLOW_PROTOCOL: 'https',
        GIT_NO_REPLACE_OBJECTS: '1',
      },
      signal: AbortSignal.any([signal, AbortSignal.timeout(limits.fetchMs)]),
      onOutput: () => undefined,
      failure: InvalidInputError,
    });
    if (code === 0) return stdout;
    throw refuse(`${source.git} at ${source.commit} could not be read: ${plainText(stderr.trim(), 300)}`);
  };
  const settings = [
    'http.followRedirects=false',
    `http.curloptResolve=${hostname}:${port || '443'}:${address}`,
    'http.sslVerify=true',
    'credential.helper=',
    'core.hooksPath=/dev/null',
    'fetch.fsckObjects=true',
  ].flatMap((setting) => ['-c', setting]);
  await git('init', '--quiet', '--bare', '--template=');
  await git(
    ...settings,
    ...['fetch', '--quiet', '--no-tags', '--no-recurse-submodules', '--depth=1', '--'],
    source.git,
    source.commit,
  );

  const listed = await git('ls-tree', '-r', '-z', '-l', `${source.commit}:${source.path}`);
  const entries = listed
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const [, mode = '', , object = '', size = '', path = ''] = entryPattern.exec(line) ?? [];
      return { mode, object, size: Number(size), path };
    })
    .filter(({ path }) => !leftOut.test(path));
  if (entries.length === 0 || entries.length > limits.files)
    throw refuse(`its folder must have 1 to ${limits.files} files`);
  for (const { mode, size, path } of entries) {
    if (mode !== '100644' && mode !== '100755')
      throw refuse(`${plainText(path, 100)} is a link, a submodule or a special file`);
    if (!(size <= limits.fileBytes)) throw refuse(`${plainText(path, 100)} is larger than 256 KiB`);
  }
  if (entries.reduce((sum, { size }) => sum + size, 0) > limits.totalBytes)
    throw refuse('its files are larger than 2 MiB together');

  const files = new Map<string, Buffer>();
  for (const { object, path } of entries) {
    const bytes = Buffer.from(await git('cat-file', 'blob', object), 'utf8');
    const hash = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
    if (hash !== object) throw refuse(`${plainText(path, 100)} is not UTF-8 text`);
    if (bytes.subarray(0, 42).toString() === 'version https://git-lfs.github.com/spec/v1')
      throw refuse(`${plainText(path, 100)} lies in Git LFS, which is not followed`);
    files.set(path, bytes);
  }
  return contentOf(name, files);
};
