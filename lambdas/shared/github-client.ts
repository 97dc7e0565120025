import * as z from 'zod';
import { GithubRefusedError, TransientError } from './errors';
import { appJwt, type GithubPermissions, parseAppSecret } from './github-app';
import { commitId } from './github-names';

export interface CommitStatus {
  readonly state: 'pending' | 'success' | 'failure';
  readonly context: string;
  /** 140 characters at most. */
  readonly description: string;
  readonly target_url: string;
}

export interface GithubClient {
  /** The commit that a branch is at, or `undefined` when there is no such branch. */
  headOfBranch(repository: string, branch: string): Promise<string | undefined>;
  /** The commit that a pull request is at, or `undefined` when it is not open. */
  headOfPullRequest(repository: string, number: number): Promise<string | undefined>;
  /** What a pull request changes, or `undefined` when that is more than is worth listing. */
  filesOfPullRequest(repository: string, number: number): Promise<readonly string[] | undefined>;
  setStatus(repository: string, commit: string, status: CommitStatus): Promise<void>;
}

interface Deps {
  /** Without a slash at its end. */
  readonly apiUrl: string;
  readonly readAppSecret: () => Promise<string>;
  readonly permissions: GithubPermissions;
  readonly now: () => Date;
  readonly fetch?: typeof fetch;
}

const answerMs = 4000;
const filesPerPage = 100;
const pages = 3;

const issuedToken = z.object({ token: z.string().min(1), expires_at: z.iso.datetime({ offset: true }) });
const branchRef = z.object({ object: z.object({ sha: commitId }) });
const pullRequest = z.object({ state: z.string(), head: z.object({ sha: commitId }) });
const changedFiles = z.array(z.object({ filename: z.string(), previous_filename: z.string().optional() }));

/**
 * GitHub's REST interface as an installation of a GitHub App, with a token that may do what this function does and
 * lives for an hour.
 *
 * @throws GithubRefusedError when GitHub says no; TransientError when it does not answer, or is too busy.
 */
export const makeGithubClient = (deps: Deps): GithubClient => {
  const request = deps.fetch ?? fetch;
  let held: { readonly token: string; readonly until: number } | undefined;

  const ask = async (method: string, path: string, authorization: string, body?: object) => {
    const what = `${method} ${path.split('?', 1)[0]}`;
    let answer: Response;
    try {
      answer = await request(`${deps.apiUrl}${path}`, {
        method,
        headers: {
          accept: 'application/vnd.github+json',
          'x-github-api-version': '2022-11-28',
          'user-agent': 'process-orchestrator',
          authorization,
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
        // A token goes nowhere else.
        redirect: 'error',
        signal: AbortSignal.timeout(answerMs),
      });
    } catch (cause) {
      throw new TransientError(`GitHub did not answer ${what}. It is asked again.`, { cause });
    }
    const { status } = answer;
    const isLimited =
      answer.headers.get('x-ratelimit-remaining') === '0' || answer.headers.has('retry-after');
    if (status >= 500 || status === 429 || (status === 403 && isLimited))
      throw new TransientError(`GitHub is too busy for ${what} (${status}). It is asked again.`);
    if (status === 404) return undefined;
    if (!answer.ok)
      throw new GithubRefusedError(
        `GitHub refused ${what} (${status}). Check that the app is installed for this repository, with the permissions that docs/github.md lists.`,
      );
    return answer;
  };

  const read = async <T>(schema: z.ZodType<T>, answer: Response): Promise<T> => {
    const parsed = schema.safeParse(await answer.json().catch(() => undefined));
    if (!parsed.success) throw new TransientError('GitHub answered something else than was asked for.');
    return parsed.data;
  };

  const bearer = async (): Promise<string> => {
    const now = deps.now();
    if (held && held.until > now.getTime()) return held.token;
    const secret = parseAppSecret(await deps.readAppSecret());
    const answer = await ask(
      'POST',
      `/app/installations/${secret.installationId}/access_tokens`,
      `Bearer ${appJwt(secret, now)}`,
      { permissions: deps.permissions },
    );
    if (!answer)
      throw new GithubRefusedError(
        `GitHub knows no installation ${secret.installationId} of this app. Correct the secret (docs/github.md).`,
      );
    const { token, expires_at } = await read(issuedToken, answer);
    held = { token: `Bearer ${token}`, until: Date.parse(expires_at) - 5 * 60_000 };
    return held.token;
  };

  const get = async <T>(schema: z.ZodType<T>, path: string): Promise<T | undefined> => {
    const answer = await ask('GET', path, await bearer());
    return answer && (await read(schema, answer));
  };

  return {
    headOfBranch: async (repository, branch) =>
      (await get(branchRef, `/repos/${repository}/git/ref/heads/${branch}`))?.object.sha,
    headOfPullRequest: async (repository, number) => {
      const found = await get(pullRequest, `/repos/${repository}/pulls/${number}`);
      return found?.state === 'open' ? found.head.sha : undefined;
    },
    filesOfPullRequest: async (repository, number) => {
      const files: string[] = [];
      for (let page = 1; page <= pages; page++) {
        const found = await get(
          changedFiles,
          `/repos/${repository}/pulls/${number}/files?per_page=${filesPerPage}&page=${page}`,
        );
        files.push(
          ...(found ?? []).flatMap(({ filename, previous_filename: before }) =>
            before === undefined ? [filename] : [filename, before],
          ),
        );
        if ((found?.length ?? 0) < filesPerPage) return files;
      }
      return undefined;
    },
    setStatus: async (repository, commit, status) => {
      const path = `/repos/${repository}/statuses/${commit}`;
      if (!(await ask('POST', path, await bearer(), status)))
        throw new GithubRefusedError(
          `GitHub knows no commit ${commit} of ${repository}, or the app may not report on it. Check the installation (docs/github.md).`,
        );
    },
  };
};
