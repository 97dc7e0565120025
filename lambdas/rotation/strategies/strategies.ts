import type { Strategy } from '../strategy';
import { makePostgresqlAlternatingUsers } from './postgresql-alternating-users';
import { signingKey } from './signing-key';
import { makeVaultApprole } from './vault-approle';

/** Every strategy there is; a credential's tag `rotation-strategy` names one. */
export const strategies: readonly Strategy[] = [
  makePostgresqlAlternatingUsers(),
  signingKey,
  makeVaultApprole(),
];
