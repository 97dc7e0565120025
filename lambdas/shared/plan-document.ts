import * as z from 'zod';
import { planCounts } from './contract';
import { sha256 } from './names';

/** One line for people: already redacted, stripped of control and bidi characters. */
const shown = z.string().max(4096);

/**
 * One attribute of a resource, before and after. `null`: absent. `(known after apply)` and `(sensitive)` are said in
 * words. A long or structured value has `lines` instead: each begins with `+`, `-`, a blank (the same in both) or
 * `…` (how many lines that are the same were left out).
 */
export const attributeChange = z.strictObject({
  path: z.string().max(4096),
  before: shown.nullable(),
  after: shown.nullable(),
  lines: z.array(shown).nullable(),
  sensitive: z.boolean(),
  /** This attribute forces the replacement. */
  forcesReplacement: z.boolean(),
});
export type AttributeChange = z.infer<typeof attributeChange>;

/** In the order of danger. What fits several belongs to the first. `since` compares with the plan before this one. */
export const planGroups = [
  'replace',
  'destroy',
  'access',
  'exposure',
  'network',
  'data',
  'update',
  'create',
  'outputs',
  'since',
] as const;
export const planGroup = z.enum(planGroups);
export type PlanGroup = z.infer<typeof planGroup>;

/** What a plan does with a resource or output; in `since`, what became of it compared with the plan before. */
const action = z.enum(['replace', 'delete', 'update', 'create', 'planned', 'unplanned', 'differs']);
export type PlanAction = z.infer<typeof action>;

/** Resources of one type that change in the same attributes: what all have in common is said once. */
const planRow = z.strictObject({
  action,
  type: z.string().max(4096),
  /** Of the whole row, also where it goes on over several pages. */
  total: z.int().min(1),
  /** The page of the group on which it begins, from 1. */
  beginsOn: z.int().min(1),
  shared: z.array(attributeChange),
  members: z.array(z.strictObject({ address: z.string().max(4096), attributes: z.array(attributeChange) })),
});
export type PlanRow = z.infer<typeof planRow>;

/** A part of a plan that is read and shown at once. */
export const planPage = z.strictObject({ version: z.literal(2), rows: z.array(planRow) });
export type PlanPage = z.infer<typeof planPage>;

/** A page in an object of its own, beside the document in the same bucket: exactly these bytes. */
const pageRef = z.strictObject({
  key: z.string().min(1).max(1024),
  versionId: z.string().min(1).max(1024),
  sha256,
});
export type PageRef = z.infer<typeof pageRef>;

/**
 * A plan without its secrets: what stands on which page, the most dangerous first. Complete at any size: a group is
 * either here, while it is small, or in pages that the document names by digest, so that who binds the document binds
 * all of them.
 */
export const planDocument = z.strictObject({
  version: z.literal(2),
  counts: planCounts,
  groups: z.array(
    z.strictObject({
      group: planGroup,
      total: z.int().min(1),
      /** Its first rows; the others are counted, and stand on its pages. */
      rows: z.array(planRow.pick({ action: true, type: true, total: true, beginsOn: true })),
      moreRows: z.int().min(0),
      content: z.union([
        z.strictObject({ page: planPage }),
        z.strictObject({ pages: z.array(pageRef).min(1) }),
      ]),
    }),
  ),
  /** The plan of this workspace that was made before this one and not carried out; the group `since` compares with it. */
  since: z
    .strictObject({
      runId: z.string().max(128),
      plannedAt: z.string().max(32),
      planned: z.int().min(0),
      unplanned: z.int().min(0),
      /** Resources planned in both, but otherwise, and the attributes in which they differ. */
      differs: z.int().min(0),
      attributes: z.int().min(0),
    })
    .nullable(),
});
export type PlanDocument = z.infer<typeof planDocument>;
