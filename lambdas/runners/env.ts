import { join } from 'node:path';
import * as z from 'zod';
import { jsonText, parseEnv } from '../shared/env';
import { secretArn, segment } from '../shared/names';

const taskNames = [
  'terraform-plan',
  'terraform-apply',
  'ansible-run',
  'compliance-scan',
  'probe-hosts',
  'script-run',
] as const;

/** Repositories beside the catalogue that modules may come from. */
export const sourceRule = z.strictObject({
  /** One repository whole, or all below a prefix that ends with "/". */
  repository: z
    .string()
    .max(300)
    .regex(/^https:\/\/[a-z0-9.-]+(?::[0-9]+)?\/[A-Za-z0-9_./-]*$/, 'an https address'),
  /** The complete ARN of the secret `{"username": …, "password": …}` with which they are read, unless all may. */
  credentials: secretArn.optional(),
});
export type SourceRule = z.infer<typeof sourceRule>;

/** The most exact rule that allows a repository. */
export const ruleOf = (
  { git }: { readonly git: string },
  rules: readonly SourceRule[],
): SourceRule | undefined =>
  rules
    .filter(({ repository: one }) => git === one || (one.endsWith('/') && git.startsWith(one)))
    .sort((a, b) => b.repository.length - a.repository.length)[0];

/** What a deployment of the runner is told. Each deployment accepts only the tasks that its role may do. */
export const runnerEnv = z.object({
  AWS_REGION: z.string().min(1),
  /** Set where AWS is emulated; the tools get it too. */
  AWS_ENDPOINT_URL: z.url().optional(),
  STATE_BUCKET: z.string().min(3),
  /** Encrypts state and saved plans inside OpenTofu, before they are stored. */
  STATE_KEY_ARN: z.string().min(1),
  ARTIFACTS_BUCKET: z.string().min(3),
  APPROVALS_TABLE: z.string().min(1),
  RUNS_TABLE: z.string().min(1),
  WORKSPACES_TABLE: z.string().min(1),
  RUNNER_TASKS: z
    .string()
    .transform((list) => list.split(',').map((name) => name.trim()))
    .pipe(z.array(z.enum(taskNames)).min(1)),
  /** Holds `terraform/modules` and `ansible/roles`; by default what the bundle carries. */
  CONTENT_ROOT: z.string().default(join(__dirname, 'content')),
  /** JSON. */
  GIT_SOURCES: jsonText.default([]).pipe(z.array(sourceRule)),
  /** A folder of `policies/plan/environments`, whose settings replace those for all. */
  POLICY_ENVIRONMENT: segment.optional(),
  /** A filesystem mirror of providers; without it they come from their registry. */
  PROVIDER_MIRROR: z.string().optional(),
  /** The function that lends OpenTofu its identity; only where Terraform runs. */
  CREDENTIAL_BROKER: z.string().min(1).optional(),
  /** What names of secrets of workspaces begin with; only where roles are played. */
  SECRETS_PREFIX: z.string().min(1).optional(),
  HOST_ACCESS: z.enum(['controller', 'ec2']),
  HOST_CONTROLLER_URL: z.url().optional(),
  HOST_CONTROLLER_TOKEN_FILE: z.string().optional(),
  /** User that Ansible signs in as on EC2. */
  HOST_USER: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/)
    .default('ops'),
  /**
   * Time between the interrupt of a tool and the end of the worker: the tool has all of it but ten seconds, which are
   * for log and report. Lambda's 15 minutes lose it; Fargate grants a stopped task two minutes beside its time.
   */
  DEADLINE_MARGIN_SECONDS: z.coerce.number().int().min(15).max(120).default(60),
});
export type RunnerEnv = z.infer<typeof runnerEnv>;

export const parseRunnerEnv = (env?: NodeJS.ProcessEnv): RunnerEnv => parseEnv(runnerEnv, env);
