import type { Demands } from './demands';
import { hasAsked, type Person, type Starter, type Vote } from './people';
import { tally } from './tally';

/** What of an approval decides who is needed. */
export interface Asked {
  readonly demands: Demands;
  readonly starter: Starter;
  readonly votes: readonly Vote[];
}

const hasAnswered = ({ votes }: Asked, { id }: Person): boolean =>
  votes.some(({ person, seats }) => person === id || seats.some((seat) => seat.id === id));

const isFree = (asked: Asked, person: Person): boolean =>
  !hasAsked(asked.starter, person.id) && !hasAnswered(asked, person);

const wouldApprove = (person: Person): Vote => ({
  person: person.id,
  outcome: 'approved',
  at: '',
  comment: null,
  breaksGlass: false,
  seats: [person],
});

/** Whether it would be approved if all these people approved. */
export const canBeMet = (asked: Asked, people: readonly Person[]): boolean => {
  const approvals = people.filter((person) => isFree(asked, person)).map(wouldApprove);
  return tally(asked.demands, [...asked.votes, ...approvals]).outcome === 'approved';
};

/**
 * The people whose answer is wanted after so many escalations. A group that the rules escalate to waits for its turn,
 * unless those before it could not settle the matter without it. Whoever may only break the glass is never asked.
 */
export const whomToAsk = <P extends Person>(asked: Asked, people: readonly P[], escalated: number): P[] => {
  const { escalations } = asked.demands;
  const wanted = new Set(tally(asked.demands, asked.votes).missing.flatMap(({ from }) => from));
  const free = people.filter((person) => isFree(asked, person));
  const reached = new Set(escalations.slice(0, escalated).map(({ to }) => to));
  for (let open = escalated; ; open++) {
    const later = new Set(escalations.slice(open).map(({ to }) => to));
    const now = free.filter(({ groups }) =>
      groups.some((group) => reached.has(group) || (wanted.has(group) && !later.has(group))),
    );
    if (open >= escalations.length || canBeMet(asked, now)) return now;
  }
};
