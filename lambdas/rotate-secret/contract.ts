import * as z from 'zod';
import { Outcome, Step } from '../rotation/journal';
import { runId } from '../shared/names';

export const credentialId = z
  .string()
  .regex(/^[A-Za-z0-9/_+=.@-]{1,512}$/, 'the name of a secret: letters, digits and / _ + = . @ -');

/** Does one step of the rotation of one credential, where it is the one to do; says which is next. */
export const rotateSecretInput = z.strictObject({
  step: z.enum(['begin', ...Step.options]),
  credential: credentialId,
  runId,
  /** With `begin`: although it is not due. */
  force: z.boolean().default(false),
  /** With `abandon` and `roll-back`: the error that it is turned round for. */
  because: z.strictObject({ error: z.string().max(256), message: z.string().max(2048) }).nullish(),
});
/** A rotation's progress; absent parts are `null`. */
export const rotateSecretOutput = z.strictObject({
  next: z.enum([...Step.options, 'begin', 'busy', 'done']),
  until: z.iso.datetime().nullable(),
  outcome: z.enum([...Outcome.options, 'not-due']).nullable(),
  version: z.string().nullable(),
});
export type RotateSecretInput = z.infer<typeof rotateSecretInput>;
export type RotateSecretOutput = z.infer<typeof rotateSecretOutput>;

/** What Secrets Manager's own rotation calls with, four times in order. */
export const nativeRotation = z.looseObject({
  Step: z.enum(['createSecret', 'setSecret', 'testSecret', 'finishSecret']),
  SecretId: z.string().max(2048),
  ClientRequestToken: z.string().regex(/^[A-Za-z0-9-]{32,64}$/),
});
export type NativeRotation = z.infer<typeof nativeRotation>;
