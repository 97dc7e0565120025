import { makeEnforcedAccount } from '../../scripts/identities/enforced-account';
import { endFixture, startFixture } from './emulator-fixture';

export type { Keys } from '../../scripts/identities/enforced-account';

/** What the emulator answers to whoever may not. */
export const denied = { name: expect.stringMatching(/^AccessDenied(Exception)?$/) };

/** An emulator of its own, as {@link makeEnforcedAccount} makes it. */
export const startEnforcedAccount = async (environment: string, workspace: string) => {
  const fixture = await startFixture({ enforcesPolicies: true });
  return {
    ...(await makeEnforcedAccount(fixture.emulator.url, environment, workspace)),
    end: () => endFixture(fixture),
  };
};
