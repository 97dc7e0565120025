import * as z from 'zod';
import { driftResult, planResult, playResult, runRef } from '../shared/contract';
import { runId } from '../shared/names';

/** Says what drifted and since when, from plans and a check that changed nothing, and remembers it. */
export const assessDriftInput = z.strictObject({
  run: runRef,
  /** When the workflow came here. A retried call says the same. */
  at: z.iso.datetime(),
  /** The run that tells people of this one. */
  partOf: runId.nullish(),
  /** The refresh-only plan: the state beside the world. */
  world: planResult,
  /** The plan of what was applied: the world beside its configuration. */
  plan: planResult,
  /** The check of the role that was applied; `null` where there is no host to look at. */
  play: playResult.nullable(),
});
export const assessDriftOutput = driftResult;
export type AssessDriftInput = z.infer<typeof assessDriftInput>;
