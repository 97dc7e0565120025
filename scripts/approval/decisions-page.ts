import { type ChangeFacts, demandsOf, rulesFor } from '../../lambdas/approval-rules/demands';
import type { Person } from '../../lambdas/approval-rules/people';
import { refuseToAsk, refuseToDecide, type Situation } from '../../lambdas/approval-rules/permission';
import type { ChangeWindow, Condition, Quorum, RuleSet } from '../../lambdas/approval-rules/rule-set';
import type { PlanGroup } from '../../lambdas/shared/plan-document';

/** One way in which rules tell changes apart. */
interface Kind {
  readonly name: string;
  readonly facts: Partial<ChangeFacts>;
}

const cell = (text: string): string => text.replace(/\s+/g, ' ').replaceAll('|', '\\|');

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n');

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];

const conditionsOf = ({ rules }: RuleSet): Condition[] => rules.map(({ when }) => when);

const named = (names: readonly string[], of: (name: string) => Partial<ChangeFacts>): Kind[] => [
  ...names.map((name) => ({ name: `\`${name}\``, facts: of(name) })),
  { name: names.length === 0 ? 'any' : 'any other', facts: {} },
];

/** A workspace that a pattern fits. */
const workspaceOf = (pattern: string): string => pattern.replaceAll('*', 'x');

/** What a change does, as far as a rule looks at it; dangers that always stand together are one. */
const deeds = (conditions: readonly Condition[]): Kind[] => {
  const dangers = unique(conditions.flatMap((when) => (when.dangers ? [when.dangers.join(' or ')] : [])));
  const single = dangers.map((name): Kind => {
    const [first] = name.split(' or ');
    return { name, facts: { dangers: [first as PlanGroup] } };
  });
  const costs = unique(conditions.flatMap(({ addedCostAbove }) => addedCostAbove ?? []));
  const priced = costs.map(
    (cost): Kind => ({
      name: `adds more than $${cost} a month, or nobody knows`,
      facts: { addedCost: null },
    }),
  );
  const stricter: Kind[] = conditions.some(({ stricterGate }) => stricterGate)
    ? [{ name: 'a policy on plans objects', facts: { stricterGate: true } }]
    : [];
  const all = [...single, ...priced, ...stricter];
  return [
    { name: 'none of these', facts: {} },
    ...all,
    ...(all.length < 2
      ? []
      : [
          {
            name: 'all of these',
            facts: {
              dangers: single.flatMap(({ facts }) => facts.dangers ?? []),
              stricterGate: true,
              addedCost: null,
            },
          },
        ]),
  ];
};

const ordinary: ChangeFacts = {
  workspace: 'any/other',
  environment: 'any-other',
  workflow: 'any-other',
  dangers: [],
  stricterGate: false,
  addedCost: 0,
};

const list = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;

const quorumText = ({ people, from }: Quorum): string => `${people} of ${list(from)}`;
const windowText = ({ days, from, to, timeZone }: ChangeWindow): string =>
  `${days.join(' ')} ${from}–${to} ${timeZone}`;
const hours = (count: number | null): string => (count === null ? '' : `${count} h`);

const row = (rules: RuleSet, kinds: readonly Kind[]): string[] => {
  const facts: ChangeFacts = Object.assign({}, ordinary, ...kinds.map(({ facts: more }) => more));
  const demands = demandsOf(rules, facts);
  return [
    ...kinds.map(({ name }) => name),
    unique(demands.mayAsk.map(({ groups }) => list(groups))).join('; and '),
    unique(demands.approvals.map(({ quorums }) => quorums.map(quorumText).join(' + '))).join('; and '),
    demands.starterMustBeKnown ? 'yes' : '',
    demands.windows.map(({ windows }) => windows.map(windowText).join(', ')).join('; and '),
    hours(demands.expiresAfterHours),
    [
      ...(demands.remindAfterHours === null ? [] : [`reminder after ${hours(demands.remindAfterHours)}`]),
      ...demands.escalations.map(({ afterHours, to }) => `${to} asked after ${hours(afterHours)}`),
    ].join(', '),
    rulesFor(rules, facts)
      .map(({ id }) => `\`${id}\``)
      .join(', '),
  ];
};

const demandsTable = (rules: RuleSet): string => {
  const conditions = conditionsOf(rules);
  const of = (pick: (when: Condition) => readonly string[] | undefined) =>
    unique(conditions.flatMap((when) => pick(when) ?? []));
  const dimensions = [
    [
      'environment',
      named(
        of(({ environments }) => environments),
        (environment) => ({ environment }),
      ),
    ],
    [
      'workflow',
      named(
        of(({ workflows }) => workflows),
        (workflow) => ({ workflow }),
      ),
    ],
    [
      'workspace',
      named(
        of(({ workspaces }) => workspaces),
        (name) => ({ workspace: workspaceOf(name) }),
      ),
    ],
    ['the change', deeds(conditions)],
  ] as const;
  // What no rule looks at has one value, and needs no column.
  const told = dimensions.filter(([, kinds]) => kinds.length > 1);
  const combinations = told.reduce<Kind[][]>(
    (all, [, kinds]) => all.flatMap((chosen) => kinds.map((kind) => [...chosen, kind])),
    [[]],
  );
  return table(
    [
      ...told.map(([name]) => name),
      'may ask',
      'must approve',
      'starter must be known',
      'approved only',
      'expires after',
      'reminders, escalation',
      'rules',
    ],
    combinations.map((kinds) => row(rules, kinds)),
  );
};

interface Somebody {
  readonly who: string;
  readonly person: Person;
  readonly situation?: Partial<Situation>;
}

const at = new Date('2026-01-01T09:00:00Z');

/** Who may what on a change of which no rule asks more than of every change. */
const peopleTable = (rules: RuleSet): string => {
  const demands = demandsOf(rules, ordinary);
  const situation: Situation = {
    demands,
    starter: { id: 'requester', verified: true },
    delegations: [],
    votes: [],
    now: at,
  };
  const askers = unique(demands.mayAsk.flatMap(({ groups }) => groups));
  const deciders = unique(demands.approvals.flatMap(({ quorums }) => quorums.flatMap(({ from }) => from)));
  const breakers = demands.breakGlass?.from ?? [];
  const [decider = ''] = deciders;
  const until = '2026-01-02T09:00:00Z';
  const away: Person = { id: 'away', groups: [decider] };
  const delegations = [{ from: away, to: 'delegate', until }];
  const somebody = (who: string, id: string, groups: string[], over?: Partial<Situation>): Somebody => ({
    who,
    person: { id, groups },
    ...(over && { situation: over }),
  });
  const people: Somebody[] = [
    ...unique([...askers, ...deciders, ...breakers]).map((group) =>
      somebody(`in \`${group}\` alone`, group, [group]),
    ),
    somebody(`the requester, although in \`${decider}\``, 'requester', [...askers, decider]),
    somebody(`a delegate of somebody in \`${decider}\``, 'delegate', [], { delegations }),
    somebody('the same delegate, of the requester', 'delegate', [], {
      delegations: [{ from: { id: 'requester', groups: [decider] }, to: 'delegate', until }],
    }),
    somebody('who delegated, until it ends', 'away', [decider], { delegations }),
    somebody('who has answered', 'answered', [decider], {
      votes: [
        {
          person: 'answered',
          outcome: 'approved',
          at: at.toISOString(),
          comment: null,
          breaksGlass: false,
          seats: [{ id: 'answered', groups: [decider] }],
        },
      ],
    }),
    somebody('an auditor', 'auditor', ['auditor']),
    somebody('somebody of no group', 'outsider', []),
  ];
  const reason = 'x'.repeat(demands.breakGlass?.reasonAtLeast ?? 0);
  return table(
    ['who', 'ask', 'approve', 'reject', 'break the glass'],
    people.map(({ who, person, situation: over }) => {
      const now = { ...situation, ...over };
      const may = (refusal?: { sentence: string }) => refusal?.sentence ?? '**yes**';
      return [
        who,
        may(refuseToAsk(demands, person)),
        may(refuseToDecide(now, person, { outcome: 'approved' })),
        may(refuseToDecide(now, person, { outcome: 'rejected' })),
        may(refuseToDecide(now, person, { outcome: 'approved', emergency: reason })),
      ];
    }),
  );
};

const breakGlassText = ({ breakGlass }: RuleSet): string =>
  breakGlass
    ? `${breakGlass.people} people of ${list(breakGlass.from)}, each with a reason of ${breakGlass.reasonAtLeast} characters at least, approve together
what the rules would not let through, at any time. It is loud and recorded, and never open to who asked.`
    : 'Nobody may break the glass: the rules name no way around them.';

/** The page `docs/approval-decisions.md`: what a set of rules comes to, in every case that it tells apart. */
export const approvalDecisionsPage = (rules: RuleSet): string => `# Who decides on what

Generated by \`npm run generate\` from \`policies/approval/rules.json\`, by the code that the gate itself asks. All rules that
fit a change bind it together ([ADR 19](adr/0019-rules-add-up.md)), so a change that is several of these meets what each
asks. "and" joins what different rules ask: one person may count for both. Within one rule, joined by "+", people differ.

## Rules

| rule | why |
| --- | --- |
${rules.rules.map(({ id, why }) => `| \`${id}\` | ${cell(why)} |`).join('\n')}

## What a change needs

${demandsTable(rules)}

A rejection ends it, unless a rule asks for more of them. An empty cell: no rule says so; a change expires at the latest when
its run says. Windows hold for approvals: a rejection is taken at any time.

## Who may

On a change of which the rules ask no more than of every change. A sentence is what that person is told.

${peopleTable(rules)}

## Breaking the glass

${breakGlassText(rules)}

## Changing the rules

Edit \`policies/approval/rules.json\`, and say in \`policies/approval/cases.json\` what must come of it: each case gives a change,
the rules that must fit it, and answers with their outcome. \`npm run policy:test\` tries them, and refuses a rule that no case
is about. Then \`npm run generate\` writes this page anew. Approvals that wait keep what was asked when people were asked.
`;
