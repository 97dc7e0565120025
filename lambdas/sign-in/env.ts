import * as z from 'zod';
import { callerLimitsEnv } from '../shared/caller-limits';
import { jsonText } from '../shared/env';

/** HTTPS; plain HTTP on this machine only, as where AWS is emulated. */
const issuer = z
  .url({ protocol: /^https?$/ })
  .refine((url) => url.startsWith('https:') || ['127.0.0.1', 'localhost'].includes(new URL(url).hostname));

export const signInEnv = z.object({
  SESSIONS_TABLE: z.string(),
  SIGNING_SECRET_ARN: z.string(),
  /** Where people reach the pages, without a trailing slash. */
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')),
  SESSION_MINUTES: z.coerce.number().int().positive(),
  IDLE_MINUTES: z.coerce.number().int().positive(),
  /** JSON: the provider, and what its statements mean here. */
  PROVIDER: jsonText.pipe(
    z.strictObject({
      issuer,
      clientId: z.string().min(1),
      scopes: z.array(z.string()),
      personClaim: z.string(),
      groupsClaim: z.string(),
      groups: z.record(z.string(), z.array(z.string())),
    }),
  ),
  /** Of a confidential client. */
  CLIENT_SECRET_ARN: z.string().optional(),
  ...callerLimitsEnv,
});
