/** Somebody as the sign-in or the configuration knows them, now. */
export interface Person {
  readonly id: string;
  readonly groups: readonly string[];
}

/** `from` lets `to` answer for them until then; whoever delegates does not answer themselves meanwhile. */
export interface Delegation {
  readonly from: Person;
  readonly to: string;
  /** ISO 8601. */
  readonly until: string;
}

/** Who asked for a change. `verified`: an identity stands behind it, not only a claim. */
export interface Starter {
  readonly id: string | null;
  readonly verified: boolean;
}

/** One answer, with what the person was at that moment: what they lose or gain later changes nothing of it. */
export interface Vote {
  readonly person: string;
  /** For whom the person answers: themselves first, then those who delegated to them. */
  readonly seats: readonly Person[];
  readonly outcome: 'approved' | 'rejected';
  readonly breaksGlass: boolean;
}

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
): Person[] => [
  person,
  ...delegations
    .filter(
      ({ from, to, until }) =>
        to === person.id && from.id !== person.id && from.id !== starter.id && now.toISOString() < until,
    )
    .map(({ from }) => from),
];
