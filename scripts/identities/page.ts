import { type PeopleRole, peopleRoles } from '../../lib/config/access';
import type { Answered } from './assess';
import { descriptions } from './descriptions';
import { peopleIdentities } from './sensitive-actions';
import type { Decision } from './simulator';

const holding = (decisions: Answered['decisions'], wanted: Decision): string[] =>
  [...decisions].filter(([, decision]) => decision === wanted).map(([name]) => name);

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const code = (text: string): string => `\`${text}\``;

/** What the others answer: with `deny`, no grant that somebody adds later changes it. */
const others = ({ decisions }: Answered): string => {
  const explicit = holding(decisions, 'Deny');
  if (explicit.length === 0) return 'not allowed';
  const merely = holding(decisions, 'ImplicitDeny');
  return merely.length === 0 ? '**deny**' : `**deny**; not allowed: ${merely.map(code).join(', ')}`;
};

const byAction = (answers: readonly Answered[]): string =>
  [...new Set(answers.map(({ asked }) => asked.group))]
    .map((group) => {
      const rows = answers
        .filter(({ asked }) => asked.group === group)
        .map((answered) => {
          const { asked, decisions } = answered;
          const allowed = holding(decisions, 'Allow').map(code).join(', ') || 'nobody';
          return [asked.what, code(asked.action), allowed, others(answered)];
        });
      return `### ${group}\n\n${table(['who may …', 'action', 'allow', 'every other role'], rows)}`;
    })
    .join('\n\n');

const byRole = (answers: readonly Answered[]): string =>
  table(
    ['role', 'who that is', 'may'],
    Object.entries(descriptions).map(([name, prose]) => [
      code(name),
      prose,
      answers
        .filter(({ decisions }) => decisions.get(name) === 'Allow')
        .map(({ asked }) => asked.what)
        .join('; '),
    ]),
  );

/** Who may do something sensitive and has no description, and who has one without need. */
export const undescribed = (answers: readonly Answered[]): string[] => {
  const sensitive = new Set(answers.flatMap(({ decisions }) => holding(decisions, 'Allow')));
  const known = new Set(Object.keys(descriptions));
  return [
    ...[...sensitive].filter((name) => !known.has(name)),
    ...[...known].filter((name) => !sensitive.has(name)),
  ];
};

/** The text between the marks of `docs/identities.md`. */
export const identitiesTables = (answers: readonly Answered[]): string =>
  `## Each identity\n\n${byRole(answers)}\n\nEvery other role may do none of this.\n\n## Each sensitive action\n\n${byAction(answers)}`;

const inMatrix: Readonly<Record<Decision, string>> = { Allow: '**yes**', Deny: 'deny', ImplicitDeny: '–' };

/** The text between the marks of `docs/roles.md`: each sensitive action and each command, for people. */
export const peopleTables = (
  answers: readonly Answered[],
  commands: ReadonlyMap<string, readonly PeopleRole[]>,
): string => {
  const head = [...peopleRoles, 'another account'];
  const matrix = [...new Set(answers.map(({ asked }) => asked.group))].map((group) => {
    const rows = answers
      .filter(({ asked }) => asked.group === group)
      .map(({ asked, decisions, stranger }) => [
        asked.what,
        ...peopleRoles.map((word) => inMatrix[decisions.get(peopleIdentities[word]) ?? 'ImplicitDeny']),
        inMatrix[stranger],
      ]);
    return `### ${group}\n\n${table(['may …', ...head], rows)}`;
  });
  const rows = [...commands].map(([command, may]) => [
    code(command),
    ...peopleRoles.map((word) => (may.includes(word) ? '**yes**' : '–')),
  ]);
  return `## Commands\n\n${table(['command', ...peopleRoles], rows)}\n\n## Actions\n\n${matrix.join('\n\n')}`;
};

const begin = '<!-- generated: npm run identities -->';
const end = '<!-- end of what is generated -->';

/** The page with its tables replaced. */
export const withTables = (page: string, tables: string): string => {
  const [before, rest = ''] = page.split(begin);
  const after = rest.split(end)[1];
  if (after === undefined) throw new Error(`The page has no ${begin} … ${end}.`);
  return `${before}${begin}\n\n${tables}\n\n${end}${after}`;
};
