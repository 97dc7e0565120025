import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { InvalidInputError, SourceUnavailableError } from '../shared/errors';
import type { GitSource } from '../shared/git-source';
import { plainText } from '../shared/plain-text';
import type { GitAuthorization } from './git-credentials';
import { toolEnvironment } from './tool-environment';
import { runTool, type ToolResult } from './tool-process';

const fetchMs = 60_000;
const memoryBytes = 1024 ** 3;

export interface GitPlace {
  /** Fresh, and removed by the caller. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** The worker's environment, of which Git gets an allow-listed part. */
  readonly env: NodeJS.ProcessEnv;
  /** Where the repository's host was found: Git asks no other address. */
  readonly address: string;
  readonly authorization?: Pick<GitAuthorization, 'header'> | undefined;
  /** Of what is fetched, packed. @default 64 MiB */
  readonly maxPackBytes?: number | undefined;
}

/** What a commit has at a path: `mode` as Git writes it, e.g. `100644` for a file, `120000` for a link. */
export interface GitEntry {
  readonly mode: string;
  readonly object: string;
  readonly size: number;
  readonly path: string;
}

/** One commit of a repository, as objects. */
export interface GitCommit {
  /** All below a folder of the commit. */
  list(folder: string): Promise<GitEntry[]>;
  /** The bytes of a file, or `undefined` when they are not UTF-8 text. */
  text(entry: GitEntry): Promise<Buffer | undefined>;
}

const entryPattern = /^(\d{6}) \w+ ([0-9a-f]{40}) +(-|\d+)\t(.+)$/s;

/** Settings by the environment: in no file that others write, and in no list of processes. */
const settings = (given: Readonly<Record<string, string>>): Record<string, string> => {
  const pairs = Object.entries(given);
  return Object.fromEntries([
    ['GIT_CONFIG_COUNT', String(pairs.length)],
    ...pairs.flatMap(([key, value], at) => [
      [`GIT_CONFIG_KEY_${at}`, key],
      [`GIT_CONFIG_VALUE_${at}`, value],
    ]),
  ]);
};

/**
 * Fetches one commit over https. Nothing is checked out, so no hook, filter, attribute, link or submodule ever acts;
 * no redirect is followed, and no proxy asked.
 *
 * @throws SourceUnavailableError when it cannot be had; InvalidInputError when the commit has no such folder.
 */
export const fetchCommit = async (
  { git: url, commit }: Pick<GitSource, 'git' | 'commit'>,
  { folder, signal, env, address, authorization, maxPackBytes = 64 * 1024 * 1024 }: GitPlace,
): Promise<GitCommit> => {
  const { hostname, port } = new URL(url);
  const home = join(folder, 'git-home');
  await fs.mkdir(home, { recursive: true, mode: 0o700 });
  const tool = toolEnvironment(env, home);
  const base = {
    ...tool,
    ...(tool.SSL_CERT_FILE !== undefined && { GIT_SSL_CAINFO: tool.SSL_CERT_FILE }),
    GIT_DIR: join(folder, 'repository.git'),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: 'https',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
  };
  const git = (args: readonly string[], extra: Readonly<Record<string, string>>, until: AbortSignal) =>
    runTool({
      command: 'prlimit',
      args: [`--as=${memoryBytes}`, `--fsize=${maxPackBytes}`, '--core=0', 'git', ...args],
      cwd: home,
      env: { ...base, ...extra },
      signal: until,
      onOutput: () => undefined,
      failure: SourceUnavailableError,
    });
  const must = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await git(args, {}, signal);
    if (code === 0) return stdout;
    throw new InvalidInputError(
      `${url} at ${commit} has not what the source names: ${plainText(stderr.trim(), 300)}`,
    );
  };
  await must('init', '--quiet', '--bare', '--template=');

  const tooLong = new SourceUnavailableError(
    `${url} did not send the commit within ${fetchMs / 1000} seconds. Start again.`,
  );
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(tooLong), fetchMs);
  const fetched: ToolResult = await git(
    ['fetch', '--quiet', '--no-tags', '--no-recurse-submodules', '--depth=1', '--', url, commit],
    settings({
      'http.followRedirects': 'false',
      'http.curloptResolve': `${hostname}:${port || '443'}:${address}`,
      'http.sslVerify': 'true',
      'http.proxy': '',
      'credential.helper': '',
      'fetch.fsckObjects': 'true',
      // Larger objects are written through instead of being held in memory.
      'core.bigFileThreshold': '1m',
      ...(authorization && { 'http.extraHeader': authorization.header }),
    }),
    AbortSignal.any([signal, late.signal]),
  ).finally(() => clearTimeout(timer));
  if (fetched.code !== 0)
    throw new SourceUnavailableError(
      `${url} at ${commit} could not be read: ${plainText(fetched.stderr.trim(), 300) || 'it is too large'}. ` +
        'Check the address, the commit, and that this environment may read it; then start again.',
    );

  return {
    list: async (path) =>
      (await must('ls-tree', '-r', '-z', '-l', `${commit}:${path}`))
        .split('\0')
        .filter((line) => line !== '')
        .map((line) => {
          const [, mode = '', object = '', size = '', name = ''] = entryPattern.exec(line) ?? [];
          return { mode, object, size: Number(size), path: name };
        }),
    text: async ({ object }) => {
      const bytes = Buffer.from(await must('cat-file', 'blob', object), 'utf8');
      const hash = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
      return hash === object ? bytes : undefined;
    },
  };
};
