import type { PlanGroup } from '../shared/plan-document';
import type { ChangeWindow, Condition, Quorum, Rule, RuleSet } from './rule-set';

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

interface From {
  readonly rule: string;
  readonly why: string;
}

/** Everything that the rules ask of one change. */
export interface Demands {
  /** A person must belong to one group of each. */
  readonly mayAsk: readonly (From & { readonly groups: readonly string[] })[];
  /** The quorums of one rule are met by different people. */
  readonly approvals: readonly (From & { readonly quorums: readonly Quorum[] })[];
  /** An approval must fall into one window of each. */
  readonly windows: readonly (From & { readonly windows: readonly ChangeWindow[] })[];
  readonly starterMustBeKnown: From | null;
  /** Hours, the shortest that a rule asks for. */
  readonly expiresAfterHours: number | null;
  readonly remindAfterHours: number | null;
  readonly escalations: readonly { readonly afterHours: number; readonly to: string }[];
  readonly rejectionsToEnd: number;
  readonly breakGlass: NonNullable<RuleSet['breakGlass']> | null;
}

const matches = (pattern: string, workspace: string): boolean =>
  new RegExp(`^${pattern.replaceAll('*', '[a-z0-9-]*')}$`).test(workspace);

const fits = (when: Condition, facts: ChangeFacts): boolean =>
  (!when.workspaces || when.workspaces.some((pattern) => matches(pattern, facts.workspace))) &&
  (!when.environments || when.environments.includes(facts.environment)) &&
  (!when.workflows || when.workflows.includes(facts.workflow)) &&
  (!when.dangers || when.dangers.some((danger) => facts.dangers.includes(danger))) &&
  (!when.stricterGate || facts.stricterGate) &&
  (when.addedCostAbove === undefined || facts.addedCost === null || facts.addedCost > when.addedCostAbove);

const least = (numbers: readonly (number | undefined)[]): number | null => {
  const given = numbers.filter((number) => number !== undefined);
  return given.length === 0 ? null : Math.min(...given);
};

/** What all rules that fit a change ask of it together: each may add, none takes away. */
export const demandsOf = ({ rules, breakGlass }: RuleSet, facts: ChangeFacts): Demands => {
  const fitting = rules.filter(({ when }) => fits(when, facts));
  const from = ({ id, why }: Rule): From => ({ rule: id, why });
  const strict = fitting.find(({ starterMustBeKnown }) => starterMustBeKnown);
  return {
    mayAsk: fitting.flatMap((rule) => (rule.mayAsk ? [{ ...from(rule), groups: rule.mayAsk }] : [])),
    approvals: fitting.flatMap((rule) =>
      rule.approvals ? [{ ...from(rule), quorums: rule.approvals }] : [],
    ),
    windows: fitting.flatMap((rule) => (rule.windows ? [{ ...from(rule), windows: rule.windows }] : [])),
    starterMustBeKnown: strict ? from(strict) : null,
    expiresAfterHours: least(fitting.map(({ expiresAfterHours }) => expiresAfterHours)),
    remindAfterHours: least(fitting.map(({ remindAfterHours }) => remindAfterHours)),
    escalations: fitting
      .flatMap(({ escalations }) => escalations ?? [])
      .sort((one, other) => one.afterHours - other.afterHours || one.to.localeCompare(other.to)),
    rejectionsToEnd: least(fitting.map(({ rejectionsToEnd }) => rejectionsToEnd)) ?? 1,
    breakGlass: breakGlass ?? null,
  };
};
