import * as z from 'zod';
import { branchName, folderPath, repositoryName } from '../shared/github-names';
import { segment, workspaceName } from '../shared/names';

/** What the webhook sets itself. */
const ownFields = ['workspace', 'source', 'reason', 'requestedBy'];

/** A folder of a repository, and the workspace that it is the configuration of. */
export const githubMapping = z.strictObject({
  repository: repositoryName,
  /** A push to it starts a run; a pull request into it is previewed. */
  branch: branchName,
  /** The folder that the module is in; empty: the whole repository. */
  path: folderPath,
  workspace: workspaceName,
  /** What a push starts: a file of `workflows/` that takes a module from a repository. */
  workflow: segment.default('vm-provisioning'),
  /** What else that workflow takes: the module's name, variables, the role. */
  input: z
    .record(z.string().max(64), z.json())
    .refine((input) => !ownFields.some((name) => name in input), {
      error: `${ownFields.join(', ')} are set by what was pushed`,
    })
    .refine(
      (input) => segment.safeParse(input.module).success,
      'it must say what the module is called: {"module": …}',
    ),
  /** Whether pull requests from forks are previewed too: code of people who may not push gets the rights of a plan. */
  previewForks: z.boolean().default(false),
});
export type GithubMapping = z.infer<typeof githubMapping>;

/** The part of a mapping's input that a preview takes. */
export const previewFields = ['module', 'variables', 'timeToLiveHours', 'upgrade', 'runsOn'] as const;

const withoutSlash = (url: string): boolean => !url.endsWith('/');
/** A function's environment holds 4 KB in all. */
const maxMappings = 3000;

/** GitHub, as an environment knows it. */
export const githubConfig = z.strictObject({
  /** Of GitHub Enterprise Server: `https://HOST/api/v3`. */
  apiUrl: z
    .url({ protocol: /^https?$/ })
    .refine(withoutSlash, 'without a slash at its end')
    .default('https://api.github.com'),
  /** Where the repositories are fetched from. */
  webUrl: z
    .url({ protocol: /^https$/ })
    .refine(withoutSlash, 'without a slash at its end')
    .default('https://github.com'),
  mappings: z
    .array(githubMapping)
    .min(1)
    .refine(
      (list) => new Set(list.map(({ workspace }) => workspace)).size === list.length,
      'a workspace is mapped twice',
    )
    .refine(
      (list) => Buffer.byteLength(JSON.stringify(list)) <= maxMappings,
      `all mappings together have ${maxMappings} bytes at most, as JSON`,
    ),
});
export type GithubConfig = z.infer<typeof githubConfig>;
