import * as z from 'zod';
import { objectRef, runRef, sweepResult } from '../shared/contract';

/** Says what the checks of many workspaces found, from their runs' records. */
export const reportDriftInput = z.strictObject({
  run: runRef,
  /** When the workflow came here. A retried call says the same. */
  at: z.iso.datetime(),
  /** The list that was worked through. */
  workspaces: objectRef,
  /** How many runs may be started that bring a workspace back. */
  remediateAtMost: z.int().min(0).max(20),
});
export const reportDriftOutput = sweepResult;
export type ReportDriftInput = z.infer<typeof reportDriftInput>;
