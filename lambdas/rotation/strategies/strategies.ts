import type { Strategy } from '../strategy';
import { makePostgresqlAlternatingUsers } from './postgresql-alternating-users';
import { makeVaultApprole } from './vault-approle';

/** Every strategy there is; a credential's tag `rotation-strategy` names one. */
export const strategies: readonly Strategy[] = [makePostgresqlAlternatingUsers(), makeVaultApprole()];
