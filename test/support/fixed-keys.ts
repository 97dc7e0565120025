import type { CredentialClient } from '../../lambdas/credential-client/credential-client';

/** Keys as a client holds them: the first one signs, and all of them verify. */
export const fixedKeys = (
  current: string,
  previous?: string,
): Pick<CredentialClient, 'current' | 'currentAndPrevious' | 'verify'> => ({
  current: async () => current,
  currentAndPrevious: async () => ({ current, ...(previous !== undefined && { previous }) }),
  verify: async (check) => check(current) ?? (previous === undefined ? undefined : check(previous)),
});
