import * as z from 'zod';
import { type ChangeFacts, demandsOf, rulesFor } from '../../lambdas/approval-rules/demands';
import { type Person, person, type Vote } from '../../lambdas/approval-rules/people';
import { refuseToAsk, refuseToDecide } from '../../lambdas/approval-rules/permission';
import type { RuleSet } from '../../lambdas/approval-rules/rule-set';
import { tally } from '../../lambdas/approval-rules/tally';
import { segment } from '../../lambdas/shared/names';
import { planGroup } from '../../lambdas/shared/plan-document';

const facts = z.strictObject({
  workspace: z.string(),
  environment: segment,
  workflow: segment,
  dangers: z.array(planGroup),
  stricterGate: z.boolean().default(false),
  addedCost: z.number().nullable().default(null),
}) satisfies z.ZodType<ChangeFacts>;

const answer = z.strictObject({
  ...person.shape,
  outcome: z.enum(['approved', 'rejected']),
  /** The reason of somebody who breaks the glass. */
  emergency: z.string().optional(),
});

const ruleCase = z
  .strictObject({
    /** What this case shows, as a sentence. */
    name: z.string().min(10).max(200),
    facts,
    /** Every rule that must fit, and no other. */
    rules: z.array(segment).min(1),
    /** Groups of which one alone lets a person ask. */
    mayAsk: z.array(segment).optional(),
    mayNotAsk: z.array(segment).optional(),
    expiresAfterHours: z.number().nullable().optional(),
    remindAfterHours: z.number().nullable().optional(),
    starterMustBeKnown: z.boolean().optional(),
    /** When the answers are given. @default the first moment of 2026, UTC */
    at: z.iso.datetime().optional(),
    /** Given one after the other, by people who did not ask for the change. */
    answers: z.array(answer).min(1).optional(),
    /** What comes of the answers, or the code with which the last is refused. */
    outcome: z.string().optional(),
  })
  .refine(({ answers, outcome }) => (answers === undefined) === (outcome === undefined), {
    message: 'answers and their outcome are given together',
  });
export type RuleCase = z.infer<typeof ruleCase>;

/** The file `policies/approval/cases.json`: what its rules must come to. */
export const ruleCases = z.strictObject({ version: z.literal(1), cases: z.array(ruleCase).min(1).max(1000) });
export type RuleCases = z.infer<typeof ruleCases>;

/** What comes of answers, each judged as the gate would judge it. */
const outcomeOf = (rules: RuleSet, { facts: change, answers = [], at }: RuleCase): string => {
  const demands = demandsOf(rules, change);
  const now = new Date(at ?? '2026-01-01T00:00:00Z');
  const starter = { id: 'whoever-asked', verified: true };
  const votes: Vote[] = [];
  for (const { id, groups, outcome, emergency } of answers) {
    const who: Person = { id, groups };
    const refusal = refuseToDecide({ demands, starter, delegations: [], votes, now }, who, {
      outcome,
      ...(emergency !== undefined && { emergency }),
    });
    if (refusal) return refusal.code;
    votes.push({
      person: id,
      outcome,
      at: now.toISOString(),
      comment: emergency ?? null,
      breaksGlass: emergency !== undefined,
      seats: [who],
    });
  }
  return tally(demands, votes).outcome;
};

const shown = (value: unknown): string => JSON.stringify(value);

/** What a case finds otherwise than it says, as sentences; none: it holds. */
export const differencesOf = (rules: RuleSet, one: RuleCase): string[] => {
  const demands = demandsOf(rules, one.facts);
  const found: string[] = [];
  const compare = (what: string, wanted: unknown, is: unknown): void => {
    if (wanted !== undefined && shown(wanted) !== shown(is))
      found.push(`${what}: the case says ${shown(wanted)}, the rules come to ${shown(is)}`);
  };
  compare(
    'rules that fit',
    one.rules.toSorted(),
    rulesFor(rules, one.facts)
      .map(({ id }) => id)
      .toSorted(),
  );
  for (const [groups, may] of [
    [one.mayAsk ?? [], true],
    [one.mayNotAsk ?? [], false],
  ] as const)
    for (const group of groups)
      compare(
        `${group} may ask`,
        may,
        refuseToAsk(demands, { id: 'somebody', groups: [group] }) === undefined,
      );
  compare('expiresAfterHours', one.expiresAfterHours, demands.expiresAfterHours);
  compare('remindAfterHours', one.remindAfterHours, demands.remindAfterHours);
  compare('starterMustBeKnown', one.starterMustBeKnown, demands.starterMustBeKnown !== null);
  compare('outcome of the answers', one.outcome, one.answers && outcomeOf(rules, one));
  return found;
};

/** Rules that no case fits: nobody would see it if they changed. */
export const untriedRules = (rules: RuleSet, { cases }: RuleCases): string[] =>
  rules.rules.map(({ id }) => id).filter((id) => !cases.some((one) => one.rules.includes(id)));
