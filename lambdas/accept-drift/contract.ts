import * as z from 'zod';
import { driftResult, runRef } from '../shared/contract';

/** Accepts what a check found, as it is. */
export const acceptDriftStep = z.strictObject({
  run: runRef,
  /** When the workflow came here. A retried call says the same. */
  at: z.iso.datetime(),
  /** Which, by their keys; `null`: all that the last check found. */
  keys: z.array(z.string().max(16)).max(100).nullable(),
  reason: z.string().max(1000),
  requestedBy: z.string().max(128).nullable(),
});
/** How the workspace stands now. */
export const acceptDriftOutput = driftResult;
export type AcceptDriftStep = z.infer<typeof acceptDriftStep>;
