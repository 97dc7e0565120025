import type { Answered, assess } from './assess';
import type { Document } from './roles';
import { asBrokersAsk } from './sensitive-actions';
import type { Context, Question, RoleInUse } from './simulator';

/** What the evaluator finds otherwise than it is meant, a sentence each. */
export const violations = (answers: readonly Answered[]): string[] =>
  answers.flatMap(({ asked, decisions, stranger }) => [
    ...(stranger === 'Allow'
      ? [`Whoever may do everything in another account may ${asked.what}: ${asked.action}.`]
      : []),
    ...[...decisions].flatMap(([role, decision]) => {
      const { action, resource, what, may, forbidden } = asked;
      const meant = may.includes(role);
      if (meant !== (decision === 'Allow'))
        return [
          meant
            ? `${role} may no longer ${what}: ${action} on ${resource} is refused (${decision}). Grant it, or take the role off the list in scripts/identities/sensitive-actions.ts.`
            : `${role} may now ${what}: ${action} on ${resource}. Narrow the grant, or put the role on the list in scripts/identities/sensitive-actions.ts.`,
        ];
      return !meant && forbidden && decision !== 'Deny'
        ? [
            `Nothing but a missing grant keeps ${role} from it: ${what}, ${action}. Its boundary must deny it.`,
          ]
        : [];
    }),
  ]);

interface Statement {
  readonly Effect: string;
  readonly Action?: string | string[];
  readonly Resource?: string | string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | string[]>>>>;
}

/** Something that the pattern matches. */
const example = (pattern: string): string => pattern.replaceAll('?', 'x').replaceAll('*', 'x');

/** A request that meets the condition. */
const meeting = (condition: Statement['Condition'] = {}): Context =>
  Object.fromEntries(
    Object.entries(condition).flatMap(([operator, keys]) =>
      Object.entries(keys).flatMap(([key, wanted]): [string, string | string[]][] => {
        const values = [wanted].flat().map(String);
        if (operator === 'Null') return [];
        if (/Not/.test(operator)) return [];
        if (operator.startsWith('ForAllValues')) return [[key, values]];
        return [[key, example(values[0] ?? '')]];
      }),
    ),
  );

/** Every grant of a role, as requests that it is there for. */
const uses = (role: RoleInUse): Question[] =>
  role.policies
    .flatMap((policy: Document) => policy.Statement as Statement[])
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Action = [], Resource = [], Condition }) =>
      [Action].flat().flatMap((action) =>
        [Resource].flat().map(
          (resource): Question => ({
            role,
            action: example(action),
            resource: resource === '*' ? '*' : example(resource),
            context: { ...(action === 'sts:AssumeRole' && asBrokersAsk), ...meeting(Condition) },
          }),
        ),
      ),
    );

/** Grants that a boundary takes away unnoticed, a sentence each, and those that the evaluator does not understand. */
export const lostGrants = ({ roles, simulate }: Pick<ReturnType<typeof assess>, 'roles' | 'simulate'>) => {
  const questions = roles.flatMap(uses);
  const free = simulate(questions.map((question) => ({ ...question, limited: false })));
  const bound = simulate(questions);
  const lost = questions.flatMap(({ role, action, resource }, index) => {
    const grant = `${action} on ${resource}`;
    if (free[index] !== 'Allow') return [`The evaluator does not see that ${role.name} is granted ${grant}.`];
    return bound[index] === 'Allow'
      ? []
      : [`The boundary or the session of ${role.name} takes ${grant} away, which a policy grants.`];
  });
  return { tried: questions.length, lost };
};
