import { z } from 'zod';
import { identifier } from './identifier';

const claim = z.string().min(1).max(100);

/** The OpenID provider that people sign in with, and what its statements mean here. */
export const signIn = z.strictObject({
  /** Exactly as the provider names itself. */
  issuer: z.url({ protocol: /^https?$/ }),
  clientId: z.string().min(1).max(200),
  /** A client with a secret, which is put into Secrets Manager after the first deployment. Without: PKCE alone. */
  confidential: z.boolean(),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/, 'a scope has no spaces'))
    .max(20)
    .default(['openid', 'email'])
    .refine((scopes) => scopes.includes('openid'), 'the scope openid is what asks who somebody is'),
  /** The claim that people are known by: one for each, for good, that nobody chooses. `email` counts only if verified. */
  personClaim: claim.default('email'),
  groupsClaim: claim.default('groups'),
  /** Our groups, each with the provider's names for it. What is not named here gives nothing. */
  groups: z
    .record(identifier, z.array(z.string().min(1).max(300)).min(1).max(50))
    .refine((groups) => Object.keys(groups).length > 0, 'without a group nobody gets in'),
  /** After this the provider is asked again who somebody is. A group that was taken away counts until then. */
  sessionMinutes: z.int().min(5).max(720).default(60),
  /** A session that nobody used for so long ends. */
  idleMinutes: z.int().min(1).max(120).default(30),
});
export type SignInConfig = z.infer<typeof signIn>;
