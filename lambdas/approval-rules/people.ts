import * as z from 'zod';
import { answer } from '../shared/contract';

/** Somebody as the sign-in or the configuration knows them, now. */
export const person = z.strictObject({
  id: z.string().min(1).max(128),
  groups: z.array(z.string().min(1).max(128)).max(200),
});
export type Person = z.infer<typeof person>;

/** `from` lets `to` answer for them until then; whoever delegates does not answer themselves meanwhile. */
export interface Delegation {
  readonly from: Person;
  readonly to: string;
  /** ISO 8601. */
  readonly until: string;
}

/** Who asked for a change. `verified`: an identity stands behind it, not only a claim. */
export const starter = z.strictObject({
  id: z.string().max(512).nullable(),
  verified: z.boolean(),
  /** Who else counts as having asked: whom the input names instead, and whoever sent the same start again. */
  alsoAsked: z.array(z.string().max(512)).optional(),
});
export type Starter = z.infer<typeof starter>;

/** Whether somebody asked for the change, or is said to have. Systems write one address in upper and lower case. */
export const hasAsked = ({ id, alsoAsked = [] }: Starter, person: string): boolean =>
  [id, ...alsoAsked].some((asked) => asked?.toLowerCase() === person.toLowerCase());

/** One answer, with what the person was at that moment: what they lose or gain later changes nothing of it. */
export const vote = z.strictObject({
  ...answer.shape,
  /** For whom the person answers: themselves first, then those who delegated to them. */
  seats: z.array(person).min(1),
});
export type Vote = z.infer<typeof vote>;

/** A delegation ends at its moment. */
export const delegatedBy = (
  person: Person,
  delegations: readonly Delegation[],
  now: Date,
): Delegation | undefined =>
  delegations.find(({ from, until }) => from.id === person.id && now.toISOString() < until);

/**
 * For whom a person may answer: themselves, and those who delegated to them, but never for the starter. A delegate's
 * delegate is nobody: trust is not passed on.
 */
export const seatsOf = (
  person: Person,
  delegations: readonly Delegation[],
  starter: Starter,
  now: Date,
): [Person, ...Person[]] => [
  person,
  ...delegations
    .filter(
      ({ from, to, until }) =>
        to === person.id && from.id !== person.id && !hasAsked(starter, from.id) && now.toISOString() < until,
    )
    .map(({ from }) => from),
];
