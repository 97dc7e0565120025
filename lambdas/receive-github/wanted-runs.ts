import { type GithubMapping, previewFields } from './contract';
import { branchOf, type PullRequestEvent, type PushEvent } from './payload';

/** The mappings that an event may be about, or why it is about none. What it touches is not known yet. */
export type Wanted =
  | { readonly because: string }
  | { readonly mappings: readonly GithubMapping[]; readonly commit: string; readonly requestedBy: string };

const sameRepository = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** As other services of its kind understand it. */
const skips = ['[skip ci]', '[ci skip]', '[no ci]', '[skip plan]', '[skip actions]', '[actions skip]'];
const asksToSkip = (text: string): boolean => skips.some((one) => text.toLowerCase().includes(one));

const mappedTo = (
  mappings: readonly GithubMapping[],
  repository: string,
  branch: string | undefined,
): readonly GithubMapping[] =>
  mappings.filter((one) => sameRepository(one.repository, repository) && one.branch === branch);

export const wantedByPush = (event: PushEvent, mappings: readonly GithubMapping[]): Wanted => {
  const branch = branchOf(event.ref);
  if (branch === undefined)
    return {
      because: 'only a push to a branch starts anything, and this is a tag or none that can be mapped',
    };
  if (event.deleted) return { because: 'the branch was deleted' };
  const found = mappedTo(mappings, event.repository.full_name, branch);
  if (found.length === 0) return { because: 'no workspace is mapped to this branch of this repository' };
  if (asksToSkip(event.head_commit?.message ?? ''))
    return { because: "the commit's message asks to skip it" };
  return { mappings: found, commit: event.after, requestedBy: event.sender.login };
};

const previewed = new Set(['opened', 'synchronize', 'reopened', 'ready_for_review']);

export const wantedByPullRequest = (event: PullRequestEvent, mappings: readonly GithubMapping[]): Wanted => {
  const { action, pull_request: pull, repository, sender } = event;
  if (!previewed.has(action)) return { because: `"${action}" changes nothing that is planned` };
  if (pull.state !== 'open') return { because: 'the pull request is closed' };
  if (pull.draft) return { because: 'the pull request is a draft' };
  if (!sameRepository(pull.base.repo.full_name, repository.full_name))
    return { because: 'the pull request is one of another repository' };
  const found = mappedTo(mappings, repository.full_name, pull.base.ref);
  if (found.length === 0) return { because: 'no workspace is mapped to this branch of this repository' };
  if (asksToSkip(pull.title)) return { because: "the pull request's title asks to skip it" };
  const isFork = !pull.head.repo || !sameRepository(pull.head.repo.full_name, repository.full_name);
  const allowed = found.filter(({ previewForks }) => previewForks || !isFork);
  if (allowed.length === 0)
    return { because: 'the pull request comes from a fork, whose code gets no rights here' };
  return { mappings: allowed, commit: pull.head.sha, requestedBy: sender.login };
};

/** `undefined`: not all that changed is known, so that it may be anything. */
export const touches = (changed: readonly string[] | undefined, { path }: GithubMapping): boolean =>
  changed === undefined || path === '' || changed.some((file) => file.startsWith(`${path}/`));

/** GitHub lists no more commits than this. */
const listedCommits = 2048;

/** What a push changed, unless its commits do not tell. */
export const changedBy = ({ forced, created, commits }: PushEvent): readonly string[] | undefined =>
  forced || created || commits.length === 0 || commits.length >= listedCommits
    ? undefined
    : commits.flatMap(({ added, removed, modified }) => [...added, ...removed, ...modified]);

interface Occasion {
  readonly commit: string;
  readonly requestedBy: string;
  readonly reason: string;
  /** Where the repositories are fetched from. */
  readonly webUrl: string;
}

const sourceOf = ({ repository, path }: GithubMapping, { webUrl, commit }: Occasion) => ({
  git: `${webUrl}/${repository}.git`,
  commit,
  path,
});

/** What the mapped workflow is started with. It waits for its turn: what was pushed before may still be decided on. */
export const pushInput = (mapping: GithubMapping, occasion: Occasion): Record<string, unknown> => ({
  whenBusy: 'wait',
  ...mapping.input,
  workspace: mapping.workspace,
  source: sourceOf(mapping, occasion),
  reason: occasion.reason,
  requestedBy: occasion.requestedBy,
});

export const previewInput = (mapping: GithubMapping, occasion: Occasion): Record<string, unknown> => ({
  ...Object.fromEntries(
    previewFields.flatMap((name) =>
      Object.hasOwn(mapping.input, name) ? [[name, mapping.input[name]]] : [],
    ),
  ),
  workspace: mapping.workspace,
  source: sourceOf(mapping, occasion),
  reason: occasion.reason,
  requestedBy: occasion.requestedBy,
});
