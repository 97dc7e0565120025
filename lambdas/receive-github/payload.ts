import * as z from 'zod';
import { branchName, commitId, repositoryName } from '../shared/github-names';

/** Of what GitHub sends, that which is used, strictly; whatever else it sends is passed over. */
const login = z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,99})(?:\[bot\])?$/, 'the name of an account');
const repository = z.object({ full_name: repositoryName });
const paths = z.array(z.string().max(4096)).default([]);

export const pushEvent = z.object({
  ref: z.string().min(1).max(400),
  after: commitId,
  created: z.boolean(),
  deleted: z.boolean(),
  forced: z.boolean(),
  repository,
  sender: z.object({ login }),
  head_commit: z.object({ message: z.string() }).nullable(),
  commits: z.array(z.object({ added: paths, removed: paths, modified: paths })),
});
export type PushEvent = z.infer<typeof pushEvent>;

export const pullRequestEvent = z.object({
  action: z.string().max(64),
  repository,
  sender: z.object({ login }),
  pull_request: z.object({
    number: z.int().min(1),
    title: z.string(),
    draft: z.boolean(),
    state: z.enum(['open', 'closed']),
    base: z.object({ ref: z.string().max(400), repo: repository }),
    /** None: the repository that it came from is gone. */
    head: z.object({ sha: commitId, repo: repository.nullable() }),
  }),
});
export type PullRequestEvent = z.infer<typeof pullRequestEvent>;

/** The branch that a push was to, or `undefined` for a tag, a note, or a name that no mapping can have. */
export const branchOf = (ref: string): string | undefined => {
  const name = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
  return branchName.safeParse(name).data;
};
