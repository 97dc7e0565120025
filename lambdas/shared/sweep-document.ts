import * as z from 'zod';
import { objectRef } from './contract';
import { driftItem } from './drift-document';
import { runId, workspaceName } from './names';

/** A workspace that a sweep looks at, and the run that does so. */
export const sweepItem = z.strictObject({ workspace: workspaceName, runId });
export type SweepItem = z.infer<typeof sweepItem>;
export const sweepItems = z.array(sweepItem);

/** What was found in one workspace. */
export const sweepFinding = z.strictObject({
  ...sweepItem.shape,
  outcome: z.enum(['clean', 'drifted', 'skipped', 'failed']),
  /** What is open, of that what no earlier check has seen, and what somebody has accepted. */
  total: z.int().min(0),
  new: z.int().min(0),
  accepted: z.int().min(0),
  since: z.string().max(32).nullable(),
  /** The `DriftDocument` of the check; `null` where there was none. */
  document: objectRef.nullable(),
  error: z.strictObject({ name: z.string().max(256), message: z.string().max(2048) }).nullable(),
});
export type SweepFinding = z.infer<typeof sweepFinding>;

/** What a run found that looked at many workspaces. */
export const sweepDocument = z.strictObject({
  version: z.literal(1),
  runId,
  at: z.string().max(32),
  findings: z.array(sweepFinding),
  /** What drifted, of the workspaces that have something new: as many as a page should show. */
  drifted: z.array(z.strictObject({ workspace: workspaceName, items: z.array(driftItem) })),
});
export type SweepDocument = z.infer<typeof sweepDocument>;
