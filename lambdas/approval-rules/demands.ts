import * as z from 'zod';
import { segment } from '../shared/names';
import type { PlanGroup } from '../shared/plan-document';
import { breakGlass, type Condition, changeWindow, quorum, type Rule, type RuleSet } from './rule-set';
import { matchesWorkspace } from './workspace-pattern';

/** What rules judge a change by. */
export interface ChangeFacts {
  readonly workspace: string;
  readonly environment: string;
  readonly workflow: string;
  readonly dangers: readonly PlanGroup[];
  readonly stricterGate: boolean;
  /** USD a month; `null`: not known. */
  readonly addedCost: number | null;
}

/** A rule that asks for something, and why: shown to those whom it stops. */
const from = { rule: segment, why: z.string() };

/** Everything that the rules ask of one change. */
export const demands = z.strictObject({
  /** A person must belong to one group of each. */
  mayAsk: z.array(z.strictObject({ ...from, groups: z.array(segment) })),
  /** The quorums of one rule are met by different people. */
  approvals: z.array(z.strictObject({ ...from, quorums: z.array(quorum) })).min(1),
  /** An approval must fall into one window of each. */
  windows: z.array(z.strictObject({ ...from, windows: z.array(changeWindow) })),
  starterMustBeKnown: z.strictObject(from).nullable(),
  /** Hours, the shortest that a rule asks for. */
  expiresAfterHours: z.number().nullable(),
  remindAfterHours: z.number().nullable(),
  escalations: z.array(z.strictObject({ afterHours: z.number(), to: segment })),
  rejectionsToEnd: z.int().min(1),
  breakGlass: breakGlass.nullable(),
});
export type Demands = z.infer<typeof demands>;

const fits = (when: Condition, facts: ChangeFacts): boolean =>
  (!when.workspaces || when.workspaces.some((pattern) => matchesWorkspace(pattern, facts.workspace))) &&
  (!when.environments || when.environments.includes(facts.environment)) &&
  (!when.workflows || when.workflows.includes(facts.workflow)) &&
  (!when.dangers || when.dangers.some((danger) => facts.dangers.includes(danger))) &&
  (!when.stricterGate || facts.stricterGate) &&
  (when.addedCostAbove === undefined || facts.addedCost === null || facts.addedCost > when.addedCostAbove);

const least = (numbers: readonly (number | undefined)[]): number | null => {
  const given = numbers.filter((number) => number !== undefined);
  return given.length === 0 ? null : Math.min(...given);
};

const named = ({ id, why }: Rule): { rule: string; why: string } => ({ rule: id, why });

/** The rules that fit a change: all of them bind it. */
export const rulesFor = ({ rules }: RuleSet, facts: ChangeFacts): Rule[] =>
  rules.filter(({ when }) => fits(when, facts));

/** What all rules that fit a change ask of it together: each may add, none takes away. */
export const demandsOf = (rules: RuleSet, facts: ChangeFacts): Demands => {
  const fitting = rulesFor(rules, facts);
  const strict = fitting.find(({ starterMustBeKnown }) => starterMustBeKnown);
  return {
    mayAsk: fitting.flatMap((rule) => (rule.mayAsk ? [{ ...named(rule), groups: rule.mayAsk }] : [])),
    approvals: fitting.flatMap((rule) =>
      rule.approvals ? [{ ...named(rule), quorums: rule.approvals }] : [],
    ),
    windows: fitting.flatMap((rule) => (rule.windows ? [{ ...named(rule), windows: rule.windows }] : [])),
    starterMustBeKnown: strict ? named(strict) : null,
    expiresAfterHours: least(fitting.map(({ expiresAfterHours }) => expiresAfterHours)),
    remindAfterHours: least(fitting.map(({ remindAfterHours }) => remindAfterHours)),
    escalations: fitting
      .flatMap(({ escalations }) => escalations ?? [])
      .sort((one, other) => one.afterHours - other.afterHours || one.to.localeCompare(other.to)),
    rejectionsToEnd: least(fitting.map(({ rejectionsToEnd }) => rejectionsToEnd)) ?? 1,
    breakGlass: rules.breakGlass ?? null,
  };
};
