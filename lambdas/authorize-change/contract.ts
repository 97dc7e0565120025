import * as z from 'zod';
import { changeRef, decision, runRef } from '../shared/contract';

/** Asked right before a part of a change is carried out; answers only when this very change was approved. */
export const authorizeChangeInput = z.strictObject({
  run: runRef,
  change: changeRef,
  part: z.enum(['apply', 'configure', 'rollback', 'script']),
});
export const authorizeChangeOutput = z.strictObject({ decision });
export type AuthorizeChangeInput = z.infer<typeof authorizeChangeInput>;
