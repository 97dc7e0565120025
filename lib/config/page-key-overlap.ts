import { longestApprovalSeconds } from '../../lambdas/begin-run/contract';
import { attemptSeconds } from '../../lambdas/shared/sign-in-attempt';
import type { EnvironmentConfig } from './schema';

/** For so long a function signs with a key that was replaced: until it reads again; and the clocks that differ. */
const signedLateSeconds = 600;

/**
 * How long a replaced key of the pages counts: as long as the last thing that was signed with it may live. Whoever
 * signed in has forms for as long as their session; whoever came by a link, until the approval ends. A session itself
 * is signed anew at each visit and is worth nothing after its idle time.
 */
export const pageKeyOverlapSeconds = ({ signIn }: Pick<EnvironmentConfig['approval'], 'signIn'>): number =>
  signedLateSeconds +
  (signIn
    ? Math.max(attemptSeconds, signIn.idleMinutes * 60, signIn.sessionMinutes * 60)
    : longestApprovalSeconds);
