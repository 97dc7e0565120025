import * as z from 'zod';
import { matchesWorkspace, workspacePattern } from '../approval-rules/workspace-pattern';

const longestDays = 366;
const day = 86_400_000;

/** A rule that somebody answers for not being kept, in some workspaces, for a while. */
export const waiver = z
  .strictObject({
    /** Of a host: the rule's id. Of a module: Checkov's. Of a plan: `plan-` and the policy's. */
    rule: z.string().regex(/^([a-z][a-z0-9-]*|CKV[0-9A-Z_]+)$/, 'the id of a rule, or of a check of Checkov'),
    workspace: workspacePattern,
    /** Who answers for it. */
    owner: z.string().min(1).max(128),
    reason: z.string().min(10).max(900),
    from: z.iso.date(),
    /** The last day; from the next on the rule fails again. */
    until: z.iso.date(),
  })
  .refine(({ from, until }) => from <= until, { path: ['until'], error: 'it ends before it begins' })
  .refine(({ from, until }) => Date.parse(until) - Date.parse(from) <= longestDays * day, {
    path: ['until'],
    error: 'it lasts longer than a year; have it looked at again before',
  });
export type Waiver = z.infer<typeof waiver>;

export const waivers = z.strictObject({ version: z.literal(1), waivers: z.array(waiver).max(500) });

/** What a waiver does to a rule that fails. */
export const appliedWaiver = z.strictObject({
  owner: z.string().max(128),
  reason: z.string().max(900),
  until: z.string().max(32),
  /** It has ended, so the rule fails again. */
  ended: z.boolean(),
});
export type AppliedWaiver = z.infer<typeof appliedWaiver>;

/** The waiver of a rule in a workspace at a time: one in force, else the one that ended last. */
export const waiverFor = (
  all: readonly Waiver[],
  { rule, workspace, at }: { rule: string; workspace: string; at: string },
): AppliedWaiver | null => {
  const today = at.slice(0, 10);
  const [last] = all
    .filter((one) => one.rule === rule && one.from <= today && matchesWorkspace(one.workspace, workspace))
    .sort((one, other) => (one.until < other.until ? 1 : -1));
  return last
    ? { owner: last.owner, reason: last.reason, until: last.until, ended: last.until < today }
    : null;
};

interface Standing {
  readonly status: 'pass' | 'fail' | 'not-applicable';
}

/** How a rule stands after its waiver. */
export const withWaiver = <T extends Standing>(
  found: T,
  waived: AppliedWaiver | null,
): Omit<T, 'status'> & { status: T['status'] | 'waived'; waiver: AppliedWaiver | null } =>
  found.status !== 'fail' || waived === null
    ? { ...found, waiver: null }
    : { ...found, status: waived.ended ? 'fail' : 'waived', waiver: waived };
