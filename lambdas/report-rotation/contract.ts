import * as z from 'zod';
import { objectRef, runRef } from '../shared/contract';

/** Says how the rotations of a run ended, from the records of its credentials. */
export const reportRotationInput = z.strictObject({
  run: runRef,
  /** The list that was worked through. */
  credentials: objectRef,
});
const count = z.int().min(0);
export const reportRotationOutput = z.strictObject({
  credentials: count,
  completed: count,
  /** Promoted; what was before is still in its overlap, or used. The next run goes on with it. */
  draining: count,
  /** Nothing was to do. */
  notDue: count,
  failed: count,
  /** Those that failed, and why, in one line; at most ten are named. */
  failures: z.string().max(2000),
});
export type ReportRotationInput = z.infer<typeof reportRotationInput>;
export type ReportRotationOutput = z.infer<typeof reportRotationOutput>;
