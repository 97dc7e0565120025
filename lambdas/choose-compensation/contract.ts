import * as z from 'zod';
import { changeRef, compensationKind, pin, resourceAddress, runRef, variables } from '../shared/contract';

/** So many resources are destroyed at once: their addresses travel with the input of a block. */
export const maxTargets = 100;

/** Says what undoes a failed run, as its workflow was told to, or why nothing does. Changes nothing. */
export const chooseCompensationInput = z.strictObject({
  run: runRef,
  /** The change that was not brought to its end. */
  change: changeRef,
  wanted: compensationKind.exclude(['keep']),
});
export const chooseCompensationOutput = z.strictObject({
  kind: compensationKind,
  /** Why what was applied is kept; `null` where it is not. */
  message: z.string().max(2048).nullable(),
  module: z.string().nullable(),
  pin: pin.nullable(),
  variables,
  /** What is destroyed, and nothing else may be. */
  targets: z.array(resourceAddress).max(maxTargets),
  role: z.string().nullable(),
  rolePin: pin.nullable(),
  roleVariables: variables,
});
export type ChooseCompensationInput = z.infer<typeof chooseCompensationInput>;
export type ChooseCompensationOutput = z.infer<typeof chooseCompensationOutput>;
