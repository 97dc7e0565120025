import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Document, Identities, Role } from './roles';

/** What a role answers: `Deny` is explicit, `ImplicitDeny` says that nothing allows it. */
export type Decision = 'Allow' | 'Deny' | 'ImplicitDeny';

/** Values of condition keys, as a request carries them. */
export type Context = Readonly<Record<string, string | readonly string[]>>;

/** One call of AWS. */
export interface Need {
  readonly action: string;
  readonly resource: string;
  readonly context?: Context;
}

export interface Question extends Need {
  readonly role: RoleInUse;
  /** @default the environment's */
  readonly region?: string;
  /** Whether boundary and session policy count. @default true */
  readonly limited?: boolean;
}

/** A role as it is used: references and policy variables have values. */
export interface RoleInUse extends Role {
  readonly sessionTags: Readonly<Record<string, string>>;
  /** What narrows each of its sessions. */
  readonly sessionPolicy: Document | undefined;
}

const driver = join(__dirname, 'simulate.py');

/**
 * Fills policy variables in, which the evaluator does not know.
 *
 * @throws Error for a variable other than a tag of the principal
 */
export const fillIn = (document: Document, tags: Readonly<Record<string, string>>): Document =>
  JSON.parse(
    JSON.stringify(document).replaceAll(/\$\{([^}]+)\}/g, (_, variable: string) => {
      const tag = /^aws:PrincipalTag\/(\w+)$/.exec(variable)?.[1];
      if (tag === undefined) throw new Error(`What \${${variable}} stands for is not known here.`);
      // Without the tag, the statement matches nothing.
      return tags[tag] ?? '(no such tag)';
    }),
  );

/**
 * Asks the policy evaluator of MiniStack, in one process, whether roles may do things: by their policies, by their
 * boundaries, by the policies of their sessions and by those of what they reach for.
 *
 * @param pythonBin the Python of the toolchain, which has the evaluator
 */
export const makeSimulator =
  (
    pythonBin: string,
    { account, region, resourcePolicies }: Pick<Identities, 'account' | 'region' | 'resourcePolicies'>,
    roles: readonly RoleInUse[],
  ) =>
  (questions: readonly Question[]): Decision[] => {
    const trusts = Object.fromEntries(roles.map(({ arn, trust }) => [arn, trust]));
    const input = {
      account,
      region,
      resourcePolicies: { ...resourcePolicies, ...trusts },
      roles: roles.map(({ arn, policies, boundary, sessionPolicy, sessionTags }) => ({
        arn,
        policies,
        limits: [boundary, sessionPolicy].flatMap((one) => (one ? [[one]] : [])),
        sessionTags,
      })),
      questions: questions.map(({ role, context = {}, limited = true, ...asked }) => ({
        ...asked,
        role: roles.indexOf(role),
        context,
        limited,
      })),
    };
    const { status, stdout, stderr } = spawnSync(pythonBin, ['-I', driver], {
      input: JSON.stringify(input),
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    if (status !== 0) throw new Error(`The policy evaluator failed:\n${stderr.trim()}`);
    return JSON.parse(stdout);
  };
