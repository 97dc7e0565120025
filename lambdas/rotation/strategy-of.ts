import type { Credential } from './credential';
import { CredentialTagsError } from './errors';
import { guardStrategy } from './guard-strategy';
import type { Strategy } from './strategy';

/**
 * The strategy that a credential's tags name.
 *
 * @throws CredentialTagsError
 */
export const strategyOf = (
  strategies: readonly Strategy[],
  { id, strategy }: Pick<Credential, 'id' | 'strategy'>,
): Strategy => {
  const found = strategies.find(({ name }) => name === strategy);
  if (found) return guardStrategy(found);
  throw new CredentialTagsError(
    `The secret ${id} names the strategy ${strategy}, which there is not. Known: ${strategies.map(({ name }) => name).join(', ')}. Correct its tag rotation-strategy; nothing was changed.`,
  );
};
