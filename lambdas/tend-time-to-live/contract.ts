import * as z from 'zod';
import { workspaceName } from '../shared/names';

export const tendTimeToLiveInput = z.strictObject({ sweep: z.literal(true) });
export const tendTimeToLiveOutput = z.strictObject({
  /** Workspaces of whose end people were warned. */
  warned: z.array(workspaceName),
  /** Workspaces whose decommission was started. */
  ended: z.array(workspaceName),
  /** Left for a later sweep. */
  failed: z.array(workspaceName),
});
export type TendTimeToLiveOutput = z.infer<typeof tendTimeToLiveOutput>;
