import type { Missing } from './tally';

/** Names as a choice: `approver, admin or break-glass`. */
export const oneOf = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;

/** Who must still approve, e.g. `2 more of approver or admin`. */
export const stillMissing = ({ people, from }: Pick<Missing, 'people' | 'from'>): string =>
  from.length === 0 ? `${people} more` : `${people} more of ${oneOf(from)}`;

/** The same for all rules that wait, as the rest of a sentence. */
export const waitsFor = (missing: readonly Pick<Missing, 'people' | 'from'>[]): string =>
  `${missing.map(stillMissing).join(', and for ')}${missing.length < 2 ? '' : '; one person may count for several rules'}`;
