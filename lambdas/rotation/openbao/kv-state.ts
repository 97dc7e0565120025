import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import type { Labels } from '../credential-store';
import type { Fields, Version } from './kv-entries';

const fields = z.record(z.string(), z.unknown());

/**
 * What stands beside an entry that is rotated: what its consumers do not read. They read the newest version of the entry
 * itself, so that this one version is what is current, whatever is written here.
 */
export const KvState = z.strictObject({
  /** What the version of that number is called. */
  current: z.strictObject({ version: z.string(), number: z.int() }).optional(),
  previous: z.strictObject({ version: z.string(), number: z.int(), fields }).optional(),
  pending: z.strictObject({ version: z.string(), fields }).optional(),
  /** Written ahead: these fields are about to follow the version `onto`. */
  move: z
    .strictObject({ to: z.string(), from: z.string(), onto: z.int(), fields, replaced: fields })
    .optional(),
});
export type KvState = z.infer<typeof KvState>;

/** What a version is called that a person wrote. */
const nameOf = (number: number): string => `kv-${number}`;

/** The number of a version that a person wrote, by what it is called. */
export const numberOf = (version: string): number | undefined => {
  const found = /^kv-(\d{1,9})$/.exec(version)?.[1];
  return found === undefined ? undefined : Number(found);
};

export const currentOf = (state: KvState, newest: Version): string =>
  state.current?.number === newest.number ? state.current.version : nameOf(newest.number);

/**
 * The state after a move that was written ahead: made, or given up because somebody else wrote the next version. While
 * the entry is as it was the move may still come.
 *
 * @param followed the version after the one that the move was to follow, where there is one
 */
export const settle = (state: KvState, followed: { readonly fields: Fields } | undefined): KvState => {
  const { move, ...rest } = state;
  if (!move || !followed) return state;
  if (!isDeepStrictEqual(followed.fields, move.fields)) return rest;
  const { pending, ...others } = rest;
  return {
    ...others,
    ...(pending && pending.version !== move.to && { pending }),
    current: { version: move.to, number: move.onto + 1 },
    previous: { version: move.from, number: move.onto, fields: move.replaced },
  };
};

/** Labels of a settled state. */
export const labelsOf = (state: KvState, newest: Version): Labels => {
  const current = currentOf(state, newest);
  const { pending, previous } = state;
  return {
    current,
    ...(pending && pending.version !== current && { pending: pending.version }),
    ...(previous && previous.version !== current && { previous: previous.version }),
  };
};
