import * as z from 'zod';
import { objectRef } from './contract';

export const driftItem = z.strictObject({
  /** Of this very drift, in whichever check it is seen. */
  key: z.string().max(16),
  /**
   * `state`: the world was changed behind the state's back. `configuration`: an apply of what was applied would change
   * it. `host`: the role would change it.
   */
  in: z.enum(['state', 'configuration', 'host']),
  /** The address of a resource or the name of an output; of a host's, its name. */
  what: z.string().max(4096),
  /** What an apply would do with it, or the role's task. */
  how: z.string().max(512),
  since: z.string().max(32),
  /** Of how it differs, as far as that is shown: who accepts it accepts exactly this. */
  digest: z.string().max(16).default(''),
  /** Somebody accepted it as it is: it is not open. */
  accepted: z.boolean().default(false),
});
export type DriftItem = z.infer<typeof driftItem>;

/** What differs from what a workspace was last brought to. The documents that it names show each attribute, redacted. */
export const driftDocument = z.strictObject({
  version: z.literal(1),
  checkedAt: z.string().max(32),
  items: z.array(driftItem),
  world: objectRef,
  plan: objectRef,
  /** `null` where there was no host to look at. */
  play: objectRef.nullable(),
});
export type DriftDocument = z.infer<typeof driftDocument>;
