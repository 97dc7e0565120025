import { InvalidInputError } from '../shared/errors';
import { type GitSource, gitSource } from '../shared/git-source';
import { plainText } from '../shared/plain-text';
import type { ResolveHost } from '../shared/public-host';
import { type Content, contentOf, isLeftOut } from './content';
import { ruleOf, type SourceRule } from './env';
import type { ReadGitCredentials } from './git-credentials';
import { fetchCommit, type GitCommit, type GitEntry, type GitPlace } from './git-repository';

const limits = { files: 100, fileBytes: 256 * 1024, totalBytes: 2 * 1024 * 1024 };
const filePath = /^(?:\.?[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}\/){0,9}\.?[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;
const largeFileStorage = 'version https://git-lfs.github.com/spec/v1';

export interface GitModuleDeps {
  /** What this environment allows. */
  readonly sources: readonly SourceRule[];
  readonly resolveHost: ResolveHost;
  readonly readCredentials: ReadGitCredentials;
  readonly env: NodeJS.ProcessEnv;
  readonly maxPackBytes?: number;
}

type Refuse = (why: string) => InvalidInputError;
interface Place extends Pick<GitPlace, 'folder' | 'signal'> {
  readonly log: { hide(secrets: Iterable<string>): void };
}

export type FetchModule = (name: string, source: GitSource, place: Place) => Promise<Content>;

const checkEntries = (entries: readonly GitEntry[], refuse: Refuse): void => {
  if (entries.length === 0 || entries.length > limits.files)
    throw refuse(`its folder must have 1 to ${limits.files} files`);
  for (const { mode, size, path } of entries) {
    if (mode !== '100644' && mode !== '100755')
      throw refuse(`${plainText(path, 100)} is a link, a submodule or a special file`);
    if (!filePath.test(path)) throw refuse(`${plainText(path, 100)} is no plain file name`);
    if (!(size <= limits.fileBytes)) throw refuse(`${plainText(path, 100)} is larger than 256 KiB`);
  }
  if (entries.reduce((sum, { size }) => sum + size, 0) > limits.totalBytes)
    throw refuse('its files are larger than 2 MiB together');
};

const readFiles = async (
  commit: GitCommit,
  entries: readonly GitEntry[],
  refuse: Refuse,
): Promise<Map<string, Buffer>> => {
  const files = new Map<string, Buffer>();
  for (const entry of entries) {
    const bytes = await commit.text(entry);
    if (!bytes) throw refuse(`${entry.path} is not UTF-8 text`);
    if (bytes.subarray(0, largeFileStorage.length).toString() === largeFileStorage)
      throw refuse(`${entry.path} lies in Git LFS, which is not followed`);
    files.set(entry.path, bytes);
  }
  return files;
};

/**
 * Fetches a module from a Git repository at one commit, where this environment allows the repository.
 *
 * @throws InvalidInputError when it may not be used; SourceUnavailableError when it cannot be had now.
 */
export const makeFetchModule =
  ({ sources, resolveHost, readCredentials, env, maxPackBytes }: GitModuleDeps): FetchModule =>
  async (name, given, { folder, signal, log }) => {
    const refuse: Refuse = (why) => new InvalidInputError(`The module ${name} cannot be used: ${why}.`);
    const parsed = gitSource.safeParse(given);
    if (!parsed.success) throw refuse('its source is no repository at a commit');
    const source = parsed.data;
    const rule = ruleOf(source, sources);
    if (!rule)
      throw refuse(
        `${source.git} is not among the repositories that this environment allows (runner.sources in lib/config/environments)`,
      );
    const address = await resolveHost(new URL(source.git).hostname);
    const authorization =
      rule.credentials === undefined ? undefined : await readCredentials(rule.credentials);
    if (authorization) log.hide(authorization.secrets);
    const commit = await fetchCommit(source, { folder, signal, env, address, authorization, maxPackBytes });
    const entries = (await commit.list(source.path)).filter(({ path }) => !isLeftOut('module', path));
    checkEntries(entries, refuse);
    return contentOf(name, await readFiles(commit, entries, refuse));
  };
