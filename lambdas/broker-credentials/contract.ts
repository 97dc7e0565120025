import * as z from 'zod';
import { changeRef, runRef } from '../shared/contract';

/** Asked by a worker, directly and never through a workflow: the answer is a secret. */
export const brokerInput = z.discriminatedUnion('purpose', [
  z.strictObject({ purpose: z.literal('plan'), run: runRef }),
  z.strictObject({ purpose: z.literal('apply'), run: runRef, change: changeRef }),
]);
export type BrokerInput = z.infer<typeof brokerInput>;

export const temporaryCredentials = z.strictObject({
  accessKeyId: z.string().min(16).max(128),
  secretAccessKey: z.string().min(16),
  sessionToken: z.string().min(16),
  /** ISO 8601, UTC. */
  expiration: z.iso.datetime(),
});
export type TemporaryCredentials = z.infer<typeof temporaryCredentials>;

/** Temporary credentials of one workspace, for an hour at most. */
export const issuedCredentials = temporaryCredentials.extend({
  /** Those of the account where its infrastructure stands. @default the same */
  target: temporaryCredentials.optional(),
});
export type IssuedCredentials = z.infer<typeof issuedCredentials>;
