import type { Demands } from './demands';
import { hasAsked, type Starter, type Vote } from './people';

/** What one rule still waits for. */
export interface Missing {
  readonly rule: string;
  readonly why: string;
  /** People who must still approve. */
  readonly people: number;
  /** The groups of which one person more would help. */
  readonly from: readonly string[];
}

export interface Tally {
  readonly outcome: 'pending' | 'approved' | 'rejected';
  readonly byBreakGlass: boolean;
  readonly missing: readonly Missing[];
}

/** Somebody and their delegate count once: a seat belongs to its owner's own vote, else to the first that names it. */
const withoutDoubles = (votes: readonly Vote[]): Vote[] => {
  const taken = new Set(votes.map(({ person }) => person));
  return votes.map((vote) => ({
    ...vote,
    seats: vote.seats.filter(({ id }) => {
      if (id === vote.person) return true;
      if (taken.has(id)) return false;
      taken.add(id);
      return true;
    }),
  }));
};

/** The groups of one person who is still to come. */
type Place = readonly string[];

type Seated = Pick<Vote, 'seats'>;

const mayFill = ({ seats }: Seated, place: Place): boolean =>
  seats.some(({ groups }) => groups.some((group) => place.includes(group)));

/** Seats as many as can be, each vote in one place; who could fill several is moved to where they are needed. */
const countEmpty = (votes: readonly Seated[], places: readonly Place[]): number => {
  const seated = new Map<number, Seated>();
  const seat = (vote: Seated, tried: Set<number>): boolean =>
    places.some((place, index) => {
      if (tried.has(index) || !mayFill(vote, place)) return false;
      tried.add(index);
      const there = seated.get(index);
      if (there && !seat(there, tried)) return false;
      seated.set(index, vote);
      return true;
    });
  for (const vote of votes) seat(vote, new Set());
  return places.length - seated.size;
};

const somebodyOf = (group: string): Seated => ({ seats: [{ id: '', groups: [group] }] });

/** Where a change stands after these answers, of which nobody gave two. */
export const tally = (demands: Demands, votes: readonly Vote[]): Tally => {
  const { breakGlass } = demands;
  const approving = withoutDoubles(votes.filter(({ outcome }) => outcome === 'approved'));
  const missing = demands.approvals.flatMap(({ rule, why, quorums }): Missing[] => {
    const places = quorums.flatMap(({ people, from }) => Array.from({ length: people }, () => from));
    const people = countEmpty(approving, places);
    const from = [...new Set(places.flat())].filter(
      (group) => countEmpty([...approving, somebodyOf(group)], places) < people,
    );
    return people === 0 ? [] : [{ rule, why, people, from }];
  });
  const rejections = votes.filter(({ outcome }) => outcome === 'rejected').length;
  if (rejections >= demands.rejectionsToEnd) return { outcome: 'rejected', byBreakGlass: false, missing };
  if (demands.approvals.length > 0 && missing.length === 0)
    return { outcome: 'approved', byBreakGlass: false, missing };
  const breakers = approving.filter(
    (vote) =>
      vote.breaksGlass &&
      breakGlass !== null &&
      mayFill({ ...vote, seats: vote.seats.slice(0, 1) }, breakGlass.from),
  );
  const broken = breakGlass !== null && breakers.length >= breakGlass.people;
  return { outcome: broken ? 'approved' : 'pending', byBreakGlass: broken, missing };
};

/**
 * Where an approval stands. Who turns out to have asked for the change loses the answer that they gave before that was
 * known, and nobody answers for them.
 */
export const standingOf = (approval: {
  readonly demands: Demands;
  readonly votes: readonly Vote[];
  readonly starter: Starter;
}): Tally =>
  tally(
    approval.demands,
    approval.votes
      .filter(({ person }) => !hasAsked(approval.starter, person))
      .map((vote) => ({ ...vote, seats: vote.seats.filter(({ id }) => !hasAsked(approval.starter, id)) })),
  );
