import { makeIdentifyBySession } from '../../lambdas/identity/by-session';
import { makeFindSession } from '../../lambdas/identity/find-session';
import type { SessionStore } from '../../lambdas/identity/session-store';
import { makeProvider } from '../../lambdas/sign-in/provider';
import { makeSignIn } from '../../lambdas/sign-in/sign-in';
import { type SigningIn, signingKeys } from './gate-server';
import { clientSecret } from './openid-provider';

/** Signing in as it is wired in the product, with a clock and sessions of a test. */
export const signingIn = (deps: {
  issuer: string;
  publicUrl: string;
  sessions: SessionStore;
  now: () => Date;
}): SigningIn => {
  const session = { ...deps, signingKeys, idleMinutes: 30 };
  return {
    identify: makeIdentifyBySession(session),
    signIn: makeSignIn({
      ...session,
      provider: makeProvider({
        ...deps,
        clientId: 'orchestrator',
        clientSecret: async () => clientSecret,
        scopes: ['openid', 'email', 'groups'],
      }),
      findSession: makeFindSession(session),
      people: {
        personClaim: 'email',
        groupsClaim: 'groups',
        groups: { approver: ['app-approvers'], auditor: ['app-auditors'] },
      },
      sessionMinutes: 60,
    }),
  };
};
