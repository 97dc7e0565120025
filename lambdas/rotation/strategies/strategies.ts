import type { Strategy } from '../strategy';

/** Every strategy there is; a credential's tag `rotation-strategy` names one. */
export const strategies: readonly Strategy[] = [];
