import * as z from 'zod';
import { sha256 } from '../shared/names';

/** Parts of what is in force, by name: each the SHA-256 of all of it. */
export const partsInForce = z.record(z.string(), sha256);
export type PartsInForce = z.infer<typeof partsInForce>;

/** What a deployment puts in force. */
export const configurationInForce = z.strictObject({
  /** Version and commit. */
  release: z.string(),
  /** What decides: rules of approvals, policies on plans. */
  rules: partsInForce,
  /** Who is who: approvers and their groups, who stands behind which identity, who may become which role. */
  roles: partsInForce,
});
export type ConfigurationInForce = z.infer<typeof configurationInForce>;

export const recordConfigurationInput = z.strictObject({ sweep: z.literal(true) });
export const recordConfigurationOutput = z.strictObject({
  /** Types of the entries that were appended now. */
  recorded: z.array(z.string()),
});
