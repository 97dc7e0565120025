import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { type PolicyResult, policyResult } from '../shared/contract';
import { PolicyDeniedError } from '../shared/errors';
import { plainText } from '../shared/plain-text';
import { type Content, contentOf, readContent, writeContent } from './content';
import type { ModulePolicy } from './module-policy';
import { settingsOf } from './policy-settings';
import type { TaskContext } from './runner';
import { toolEnvironment } from './tool-environment';
import { runTool } from './tool-process';

/** Rules in Rego with their settings: what judges modules before they run, and plans before anybody is asked. */
export interface PlanPolicy {
  readonly content: Content;
  readonly module: ModulePolicy;
}

const names = z.array(z.string());
const settingsFile = z.object({
  settings: z.object({ providers: names, data_sources: names, provisioners: names }),
});
const answer = z.object({
  verdict: z.enum(['allow', 'stricter-gate', 'deny']),
  reasons: z.array(
    z.object({
      rule: z.string(),
      address: z.string(),
      msg: z.string(),
      verdict: z.enum(['stricter-gate', 'deny']),
    }),
  ),
});
const evaluation = z.object({
  errors: z
    .array(
      z.object({
        message: z.string(),
        location: z.object({ file: z.string(), row: z.number() }).optional(),
      }),
    )
    .optional(),
  result: z.array(z.object({ expressions: z.array(z.object({ value: z.unknown() })) })).optional(),
});

/** What a workflow's state carries of the reasons; the log has them all. */
const reasonsBytes = 8_000;
const reasonsShown = 50;

const cannotJudge = (why: string, options?: ErrorOptions): PolicyDeniedError =>
  new PolicyDeniedError(
    `The policy on plans cannot be evaluated, and so it denies: ${why}. Nobody was asked. Correct the rule (npm run policy:test) and start again.`,
    options,
  );

/** The file with which an environment replaces settings. */
export const environmentFile = (environment: string): string => `environments/${environment}/data.json`;

const withEnvironment = async (content: Content, root: string, environment: string): Promise<Content> => {
  const file = environmentFile(environment);
  const own = await fs.readFile(join(root, 'policies/plan', file)).catch(() => undefined);
  const settings = settingsOf(file, content.files.get('data.json'), own);
  return contentOf(content.name, new Map([...content.files, ['data.json', settings]]));
};

/**
 * Reads `policies/plan` of the content, with the settings of an environment where it has some of its own. The digest is
 * that of what judges: another environment's settings do not change it.
 *
 * @throws PolicyDeniedError when there is none, or its settings cannot be read: without rules nothing is allowed.
 */
export const readPlanPolicy = async (contentRoot: string, environment?: string): Promise<PlanPolicy> => {
  try {
    const rules = await readContent(contentRoot, 'policy', 'plan');
    const content =
      environment === undefined ? rules : await withEnvironment(rules, contentRoot, environment);
    const { settings } = settingsFile.parse(
      JSON.parse(content.files.get('data.json')?.toString('utf8') ?? ''),
    );
    const { providers, data_sources: dataSources, provisioners } = settings;
    return { content, module: { providers, dataSources, provisioners } };
  } catch (error) {
    const own = environment === undefined ? '' : ` (environment ${environment})`;
    const why =
      error instanceof z.ZodError || !(error instanceof Error) ? 'its settings do not fit' : error.message;
    throw cannotJudge(`policies/plan${own}: ${plainText(why, 300)}`, { cause: error });
  }
};

/** The reasons for people, plain and short, the gravest first. */
const shown = (
  reasons: z.infer<typeof answer>['reasons'],
  mask: (text: string) => string,
): PolicyResult['reasons'] => {
  let left = reasonsBytes;
  const short = reasons.slice(0, reasonsShown).map(({ rule, address, msg, verdict }) => ({
    rule: plainText(rule, 60),
    address: plainText(mask(address), 280),
    message: plainText(mask(msg), 280),
    verdict,
  }));
  return short.filter((reason) => {
    left -= Buffer.byteLength(JSON.stringify(reason));
    return left >= 0;
  });
};

const describe = ({ rule, address, message }: PolicyResult['reasons'][number]): string =>
  `${rule}${address === '' ? '' : `: ${address}`}: ${message}`;

/**
 * Lets the rules judge a plan, given as OpenTofu's JSON. OPA reads it from its standard input, without the worker's
 * AWS identity, and with no built-in function that reaches the network, the clock or the environment.
 *
 * @throws PolicyDeniedError when a rule denies, and when anything at all prevents a verdict.
 */
export const judgePlan = async (
  policy: PlanPolicy,
  plan: string,
  { folder, signal, log }: TaskContext,
  env: NodeJS.ProcessEnv,
): Promise<PolicyResult> => {
  const rules = join(folder, 'policy');
  const home = join(folder, 'policy-home');
  await writeContent(policy.content, rules);
  await fs.mkdir(home, { mode: 0o700 });
  const files = [...policy.content.files.keys()].filter(
    (path) => path.endsWith('.rego') || path === 'data.json',
  );
  const { code, stdout, stderr } = await runTool({
    command: 'opa',
    args: [
      'eval',
      '--format=json',
      '--strict-builtin-errors',
      '--timeout=30s',
      '--capabilities=capabilities.generated.json',
      ...files.map((path) => `--data=${path}`),
      '--stdin-input',
      'data.main.result',
    ],
    cwd: rules,
    env: toolEnvironment(env, home),
    signal,
    stdin: plan,
    onOutput: () => undefined,
    failure: PolicyDeniedError,
  });
  const parsed = evaluation.safeParse(readJson(stdout));
  const broken = parsed.data?.errors?.[0];
  if (broken) {
    const { message, location } = broken;
    const where = location ? `policies/plan/${location.file}:${location.row}: ` : '';
    throw cannotJudge(plainText(log.mask(`${where}${message}`), 500));
  }
  const judged = answer.safeParse(parsed.data?.result?.[0]?.expressions[0]?.value);
  if (code !== 0 || !judged.success)
    throw cannotJudge(plainText(log.mask(stderr), 300) || 'its rules give no verdict');

  const { verdict, reasons } = judged.data;
  const result = policyResult.parse({
    verdict,
    reasons: shown(reasons, log.mask),
    total: reasons.length,
    digest: policy.content.digest,
  });
  log.write(`policy on plans: ${verdict}\n`);
  for (const { rule, address, msg, verdict: gravity } of reasons)
    log.write(`  ${gravity}: ${plainText(`${rule}: ${address}: ${msg}`, 600)}\n`);
  if (verdict !== 'deny') return result;
  const denied = result.reasons.filter((reason) => reason.verdict === 'deny').slice(0, 3);
  const more = reasons.filter((reason) => reason.verdict === 'deny').length - denied.length;
  throw new PolicyDeniedError(
    `The policy on plans refuses this change: ${denied.map(describe).join('; ')}${more > 0 ? `; and ${more} more, which the run's log lists` : ''}. Nobody was asked. Correct the module or its variables, or have the rule in policies/plan changed.`,
  );
};

const readJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
