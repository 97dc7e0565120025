import * as z from 'zod';
import { objectRef, runRef } from '../shared/contract';
import { segment } from '../shared/names';

/** Lists the workspaces in which something is applied, for a run that looks at each. */
export const listWorkspacesInput = z.strictObject({
  run: runRef,
  /** `null`: of every tenant. */
  tenant: segment.nullable(),
});
export const listWorkspacesOutput = z.strictObject({
  /** A `SweepItem` for each (sweep-document.ts), in the order of their names. */
  document: objectRef,
  count: z.int().min(0),
});
export type ListWorkspacesInput = z.infer<typeof listWorkspacesInput>;
export type ListWorkspacesOutput = z.infer<typeof listWorkspacesOutput>;
