import * as z from 'zod';
import { credentialId } from '../rotate-secret/contract';
import { objectRef, runRef } from '../shared/contract';

/** Lists the credentials that are due or half-finished, or those that were named, for a run that rotates each. */
export const listCredentialsInput = z.strictObject({
  run: runRef,
  /** `null`: all that are due. */
  credentials: z.array(credentialId).max(100).nullable(),
  /** Also those that are not due. */
  force: z.boolean(),
  /** Over so long their beginnings are spread. */
  spreadSeconds: z.int().min(0).max(3600),
});
export const rotationItem = z.strictObject({
  credential: credentialId,
  delaySeconds: z.int().min(0).max(3600),
  /** It is to be rotated although it is not due. */
  force: z.boolean(),
});
export type RotationItem = z.infer<typeof rotationItem>;
export const listCredentialsOutput = z.strictObject({
  /** A `RotationItem` for each, in the order of their names. */
  document: objectRef,
  count: z.int().min(0),
});
export type ListCredentialsInput = z.infer<typeof listCredentialsInput>;
export type ListCredentialsOutput = z.infer<typeof listCredentialsOutput>;
