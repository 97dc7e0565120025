import * as z from 'zod';
import { planCounts } from './contract';

/** A value for people: already redacted, stripped of control and bidi characters, cut with its length said. */
const shown = z.string().max(4096);

/** One attribute of a resource, before and after. `null`: absent. `(known after apply)` and `(sensitive)` are said in words. */
export const attributeChange = z.strictObject({
  path: z.string().max(512),
  before: shown.nullable(),
  after: shown.nullable(),
  sensitive: z.boolean(),
  /** This attribute forces the replacement. */
  forcesReplacement: z.boolean(),
});

export const resourceChange = z.strictObject({
  address: z.string().max(1024),
  type: z.string().max(256),
  action: z.enum(['replace', 'delete', 'update', 'create']),
  attributes: z.array(attributeChange),
});

/** A plan without its secrets, most dangerous first: replace, delete, update, create. Complete at any size. */
export const planDocument = z.strictObject({
  version: z.literal(1),
  counts: planCounts,
  resources: z.array(resourceChange),
  outputs: z.array(attributeChange),
});
export type PlanDocument = z.infer<typeof planDocument>;
export type ResourceChange = z.infer<typeof resourceChange>;
export type AttributeChange = z.infer<typeof attributeChange>;
