import * as z from 'zod';
import { segment } from '../shared/names';
import { planGroups } from '../shared/plan-document';
import { workspacePattern } from './workspace-pattern';

/** Hours and minutes, in steps of five minutes. */
const timeOfDay = z
  .string()
  .regex(
    /^(?:[01]\d|2[0-3]):[0-5][05]$|^24:00$/,
    'a time of day such as 08:00 or 17:35, in steps of five minutes',
  );

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** When changes may begin. One that goes past midnight is written as two. */
export const changeWindow = z
  .strictObject({
    days: z.array(z.enum(weekdays)).min(1),
    from: timeOfDay,
    to: timeOfDay,
    timeZone: z.string().max(64).refine(isTimeZone, 'a time zone such as Europe/Berlin'),
  })
  .refine(({ from, to }) => from < to, 'it must end after it begins; write one over midnight as two windows');
export type ChangeWindow = z.infer<typeof changeWindow>;

/** `people` of these groups, all different: a person counts once. */
export const quorum = z.strictObject({
  people: z.int().min(1).max(10),
  from: z.array(segment).min(1),
});
export type Quorum = z.infer<typeof quorum>;

/** Which changes a rule is for: all that fit everything that is said; nothing said fits every change. */
const condition = z.strictObject({
  workspaces: z.array(workspacePattern).min(1).optional(),
  environments: z.array(segment).min(1).optional(),
  workflows: z.array(segment).min(1).optional(),
  /** Any of these groups of the plan. */
  dangers: z.array(z.enum(planGroups)).min(1).optional(),
  /** The policy on plans asks for a stricter gate. */
  stricterGate: z.literal(true).optional(),
  /** USD a month that the change adds; an unknown cost fits. */
  addedCostAbove: z.number().min(0).optional(),
});
export type Condition = z.infer<typeof condition>;

const rule = z.strictObject({
  id: segment,
  /** Shown to those whom it stops: a sentence. */
  why: z.string().min(10).max(200),
  when: condition,
  /** Who may ask; nothing said: whoever another rule lets. */
  mayAsk: z.array(segment).min(1).optional(),
  /** Each must be met, each by different people; one person may count for quorums of several rules. */
  approvals: z.array(quorum).min(1).optional(),
  /** Nobody decides before it is known who started the run. */
  starterMustBeKnown: z.literal(true).optional(),
  /** An approval is taken in one of these only; a rejection always. */
  windows: z.array(changeWindow).min(1).optional(),
  /** Hours after which nobody may approve any more. */
  expiresAfterHours: z.number().min(1).max(720).optional(),
  /** Hours after which those who have not answered are reminded. */
  remindAfterHours: z.number().min(0.5).max(720).optional(),
  /** Hours after which others are asked, too. They may decide from the beginning if a quorum names them. */
  escalations: z
    .array(z.strictObject({ afterHours: z.number().min(0.5).max(720), to: segment }))
    .min(1)
    .optional(),
  /** How many rejections end it. @default 1 */
  rejectionsToEnd: z.int().min(1).max(10).optional(),
});
export type Rule = z.infer<typeof rule>;

/** A way around quorums and windows, for an emergency. */
export const breakGlass = z.strictObject({
  /** At least two: nobody breaks it alone. */
  people: z.int().min(2).max(10),
  from: z.array(segment).min(1),
  reasonAtLeast: z.int().min(10).max(500),
});

/** The file `policies/approval/rules.json`. All rules that fit a change bind it together: one more never loosens another. */
export const ruleSet = z
  .strictObject({
    version: z.literal(1),
    rules: z.array(rule).min(1).max(200),
    breakGlass: breakGlass.optional(),
    /** How long somebody may let another answer for them. @default nobody may */
    delegation: z.strictObject({ atMostDays: z.int().min(1).max(90) }).optional(),
  })
  .superRefine(({ rules }, context) => {
    const ids = rules.map(({ id }) => id);
    for (const [index, id] of ids.entries())
      if (ids.indexOf(id) !== index)
        context.addIssue({
          code: 'custom',
          path: ['rules', index, 'id'],
          message: `${id} stands here twice`,
        });
    const base = rules.find(
      ({ when, approvals, mayAsk }) => Object.keys(when).length === 0 && approvals && mayAsk,
    );
    if (!base)
      context.addIssue({
        code: 'custom',
        path: ['rules'],
        message: 'one rule must fit every change ("when": {}) and say who may ask and who must approve',
      });
  });
export type RuleSet = z.infer<typeof ruleSet>;
