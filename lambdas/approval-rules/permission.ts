import { isOpen, nextOpening } from './change-window';
import type { Demands } from './demands';
import { oneOf } from './in-words';
import {
  type Delegation,
  delegatedBy,
  hasAsked,
  type Person,
  type Starter,
  seatsOf,
  type Vote,
} from './people';

/** Why somebody may not, as a code for programs and a sentence for people. */
export interface Refusal {
  readonly code:
    | 'not-in-group'
    | 'own-request'
    | 'starter-unknown'
    | 'delegated'
    | 'voted'
    | 'outside-window'
    | 'no-break-glass'
    | 'reason-too-short';
  readonly sentence: string;
}

const shares = (one: readonly string[], other: readonly string[]): boolean =>
  one.some((name) => other.includes(name));

/** Why a person may not ask for a change; `undefined`: they may. */
export const refuseToAsk = (demands: Demands, person: Person): Refusal | undefined => {
  const closed = demands.mayAsk.find(({ groups }) => !shares(groups, person.groups));
  return (
    closed && {
      code: 'not-in-group',
      sentence: `Only ${oneOf(closed.groups)} may ask for this: ${closed.why} (rule ${closed.rule})`,
    }
  );
};

/** What is known when somebody wants to answer. */
export interface Situation {
  readonly demands: Demands;
  readonly starter: Starter;
  readonly delegations: readonly Delegation[];
  readonly votes: readonly Vote[];
  readonly now: Date;
}

export interface Answer {
  readonly outcome: 'approved' | 'rejected';
  /** The reason of somebody who breaks the glass. */
  readonly emergency?: string;
}

const utc = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** Why nobody decides yet. */
const refuseStarter = ({
  demands: { starterMustBeKnown },
  starter,
}: Pick<Situation, 'demands' | 'starter'>): Refusal | undefined =>
  starterMustBeKnown && !starter.verified
    ? {
        code: 'starter-unknown',
        sentence: `Nobody decides before it is known who started the run: ${starterMustBeKnown.why} (rule ${starterMustBeKnown.rule}) It is usually known within some minutes.`,
      }
    : undefined;

const refuseOwn = ({ starter }: Situation, person: Person): Refusal | undefined =>
  hasAsked(starter, person.id)
    ? {
        code: 'own-request',
        sentence: 'You asked for this change, so somebody else decides on it. To withdraw it, stop the run.',
      }
    : undefined;

const refuseWindow = ({ demands, now }: Pick<Situation, 'demands' | 'now'>): Refusal | undefined => {
  const shut = demands.windows.find(({ windows }) => !windows.some((window) => isOpen(window, now)));
  if (!shut) return undefined;
  const opens = nextOpening(
    demands.windows.map(({ windows }) => windows),
    now,
  );
  return {
    code: 'outside-window',
    sentence: `Changes like this may not begin now: ${shut.why} (rule ${shut.rule}) ${
      opens
        ? `Approve it from ${utc(opens)} on; a rejection needs no window.`
        : "Its windows never meet another rule's: correct the rules."
    }`,
  };
};

/** What keeps everybody from approving now, whoever they are. */
export const holdUps = (situation: Pick<Situation, 'demands' | 'starter' | 'now'>): Refusal[] =>
  [refuseStarter(situation), refuseWindow(situation)].filter((one) => one !== undefined);

const refuseEmergency = (
  { demands: { breakGlass } }: Situation,
  person: Person,
  reason: string,
): Refusal | undefined => {
  if (!breakGlass || !shares(breakGlass.from, person.groups))
    return {
      code: 'no-break-glass',
      sentence: breakGlass
        ? `Only ${oneOf(breakGlass.from)} may break the glass.`
        : 'No rule here lets anybody break the glass.',
    };
  if (reason.trim().length < breakGlass.reasonAtLeast)
    return {
      code: 'reason-too-short',
      sentence: `Say why this is an emergency, in ${breakGlass.reasonAtLeast} characters at least: it is recorded and everybody is told.`,
    };
  return undefined;
};

/** Why a person may not give this answer now; `undefined`: they may. */
export const refuseToDecide = (situation: Situation, person: Person, answer: Answer): Refusal | undefined => {
  const { demands, starter, delegations, votes, now } = situation;
  const own = refuseOwn(situation, person) ?? refuseStarter(situation);
  if (own) return own;
  if (votes.some((vote) => vote.person === person.id))
    return { code: 'voted', sentence: 'You have answered already; an answer is not taken back.' };
  const delegation = delegatedBy(person, delegations, now);
  if (delegation)
    return {
      code: 'delegated',
      sentence: `You let ${delegation.to} answer for you until ${utc(new Date(delegation.until))}. End that first.`,
    };
  if (answer.emergency !== undefined) return refuseEmergency(situation, person, answer.emergency);
  const wanted = demands.approvals.flatMap(({ quorums }) => quorums.flatMap(({ from }) => from));
  if (!seatsOf(person, delegations, starter, now).some(({ groups }) => shares(wanted, groups)))
    return {
      code: 'not-in-group',
      sentence: `Only ${oneOf([...new Set(wanted)])} may decide on this change. Ask for the group, or for somebody in it to delegate to you.`,
    };
  return answer.outcome === 'approved' ? refuseWindow(situation) : undefined;
};
