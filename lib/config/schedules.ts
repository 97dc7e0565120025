import { z } from 'zod';
import { startableOf } from '../../lambdas/begin-run/startable/workflows';
import {
  catalogueDigests,
  validateModuleVariables,
  validateRoleVariables,
  validateScriptParameters,
} from '../../lambdas/shared/catalogue';
import { cronProblem, rateProblem } from './schedule-expression';

const catalogue = {
  digests: catalogueDigests,
  validateModuleVariables,
  validateRoleVariables,
  validateScriptParameters,
};

const isTimezone = (name: string): boolean => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name })) && !/^[+-]/.test(name);
  } catch {
    return false;
  }
};

/** Who asks for a run that nobody started: `schedule:<id>`. */
export const requesterOf = (id: string): string => `schedule:${id}`;

const expressionProblem = ({ cron, rate }: { cron?: string | undefined; rate?: string | undefined }) => {
  if (cron !== undefined && rate === undefined) return cronProblem(cron);
  if (rate !== undefined && cron === undefined) return rateProblem(rate);
  return 'say when: either cron or rate';
};

const inputProblem = (workflow: string, input: Record<string, unknown>): string | undefined => {
  try {
    startableOf(workflow).read(input).check(catalogue);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

/** A workflow that is started by the clock. */
export const schedule = z
  .strictObject({
    /** Names it in records and mails, and begins the ids of its runs. */
    id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,26}$/, 'lower-case letters, digits and hyphens, 27 at most'),
    /** A file of `workflows/` that begins a run. */
    workflow: z.string(),
    /** The inside of EventBridge Scheduler's `cron(…)`: `0 3 * * ? *` is every day at three. */
    cron: z.string().max(256).optional(),
    /** The inside of `rate(…)`: `6 hours`. */
    rate: z.string().max(32).optional(),
    /** An IANA name, for cron. */
    timezone: z.string().max(64).refine(isTimezone, 'no such time zone: use an IANA name').default('UTC'),
    /** What the workflow is started with; who asks is the schedule. */
    input: z.record(z.string().max(64), z.json()),
    enabled: z.boolean().default(true),
  })
  .superRefine(({ id, workflow, cron, rate, input }, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message: `schedule ${id}: ${message}` });
    const expression = expressionProblem({ cron, rate });
    if (expression) refuse(rate === undefined ? 'cron' : 'rate', expression);
    const own = ['requestedBy', 'traceparent'].filter((name) => name in input);
    if (own.length > 0) refuse('input', `${own.join(' and ')} cannot be chosen: the schedule itself asks`);
    const problem = inputProblem(workflow, { ...input, requestedBy: requesterOf(id) });
    if (own.length === 0 && problem) refuse('input', problem);
  });
export type ScheduleConfig = z.infer<typeof schedule>;

export const schedules = z
  .array(schedule)
  .max(500)
  .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, 'an id stands here twice')
  .default([]);
