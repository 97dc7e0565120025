import type { PersonRef } from '../shared/people';

/** Somebody by all names that are known of them, and what takes the place of each. */
export interface Who {
  readonly identities: readonly string[];
  readonly reference: PersonRef;
}

/** Systems write one name in upper and lower case. */
export const isThem = ({ identities }: Pick<Who, 'identities'>, name: string | null | undefined): boolean =>
  typeof name === 'string' && identities.some((known) => known.toLowerCase() === name.toLowerCase());

/** What stays where a name stood: that somebody was there, and that it was the same one. */
export const unnamed = <T extends string | null | undefined>(who: Who, name: T): T | PersonRef =>
  isThem(who, name) ? who.reference : name;

/** What stays where somebody wrote something. */
export const erasedText = '(erased)';
