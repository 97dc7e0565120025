import * as z from 'zod';
import type { Demands } from './demands';
import { oneOf, stillMissing } from './in-words';
import { hasAsked, type Person, type Starter, seatsOf, type Vote } from './people';
import { holdUps, type Refusal, refuseToAsk, refuseToDecide, type Situation } from './permission';
import { standingOf } from './tally';

/** Whether somebody may, and why or why not: a code for programs, a sentence for people. */
export const verdict = z.strictObject({
  allowed: z.boolean(),
  code: z.string().nullable(),
  why: z.string(),
});
export type Verdict = z.infer<typeof verdict>;

/** What somebody may do with an approval, said to them. */
export const explanation = z.strictObject({
  person: z.string(),
  groups: z.array(z.string()),
  /** The answer in one sentence. */
  summary: z.string(),
  ask: verdict,
  approve: verdict,
  reject: verdict,
  breakGlass: verdict,
  /** What the approval waits for; empty when it waits for nothing any more. */
  waitsFor: z.array(z.string()),
  /** What would change that, and who could do it. */
  wouldHelp: z.array(z.string()),
});
export type Explanation = z.infer<typeof explanation>;

/** What is known of an approval when somebody asks why. */
export interface Explained extends Situation {
  readonly status: 'pending' | 'approved' | 'rejected' | 'expired' | 'voided';
  readonly expiresAt: string;
  readonly askRefusal?: string | undefined;
}

const judged = (refusal: Refusal | undefined, allowed: string): Verdict =>
  refusal
    ? { allowed: false, code: refusal.code, why: refusal.sentence }
    : { allowed: true, code: null, why: allowed };

/** Why somebody may not give each of the answers; what is left out, they may. */
export const refusalsOf = (situation: Situation, person: Person) => {
  const emergency = 'x'.repeat(situation.demands.breakGlass?.reasonAtLeast ?? 0);
  return {
    approve: refuseToDecide(situation, person, { outcome: 'approved' }),
    reject: refuseToDecide(situation, person, { outcome: 'rejected' }),
    breakGlass: refuseToDecide(situation, person, { outcome: 'approved', emergency }),
  };
};

/** Why nobody answers any more; `undefined` while somebody can. */
const overBecause = ({ status, expiresAt, now, votes, askRefusal }: Explained): string | undefined => {
  if (status === 'pending')
    return expiresAt > now.toISOString()
      ? undefined
      : `Nobody answered before ${expiresAt}; the run has to be started again.`;
  const by = votes.filter(({ outcome }) => outcome === status).map(({ person }) => person);
  const ends: Record<Exclude<Explained['status'], 'pending'>, string> = {
    approved: `It was approved by ${by.join(' and ')}; that is final.`,
    rejected: `It was rejected by ${by.join(' and ')}; that is final.`,
    expired: 'It has expired; the run has to be started again.',
    voided: askRefusal ?? 'Its run has ended, so there is nothing to decide.',
  };
  return ends[status];
};

/** A vote as it would be given now. */
const voteOf = ({ delegations, starter, now }: Situation, person: Person): Vote => ({
  person: person.id,
  outcome: 'approved',
  at: now.toISOString(),
  comment: null,
  breaksGlass: false,
  seats: seatsOf(person, delegations, starter, now),
});

const whatTheApprovalDoes = (situation: Situation, person: Person): string => {
  const before = standingOf(situation);
  const after = standingOf({ ...situation, votes: [...situation.votes, voteOf(situation, person)] });
  if (after.outcome === 'approved') return 'You may approve it, and your approval settles it.';
  const count = (missing: typeof before.missing) => missing.reduce((sum, { people }) => sum + people, 0);
  return count(after.missing) < count(before.missing)
    ? `You may approve it; after you it still needs ${after.missing.map(stillMissing).join(', and ')}.`
    : `You may approve it, but it is others who are missing: ${before.missing.map(stillMissing).join(', and ')}.`;
};

const glassOf = (demands: Demands): string =>
  demands.breakGlass
    ? `You may break the glass in an emergency, with a reason; it takes ${demands.breakGlass.people} people together.`
    : '';

const starterLine = (starter: Starter, votes: readonly Vote[]): string[] =>
  votes
    .filter(({ person }) => hasAsked(starter, person))
    .map(({ person }) => `The answer of ${person} does not count: they asked for the change.`);

const helpOf = (situation: Situation): string[] => {
  const { demands, starter } = situation;
  const { missing } = standingOf(situation);
  return [
    ...(demands.starterMustBeKnown && !starter.verified
      ? [
          'CloudTrail tells who started the run some minutes after it began. If it does not: does the account have a trail that logs management events?',
        ]
      : []),
    ...missing.map(
      ({ people, from, rule, why }) =>
        `${people === 1 ? 'One more approval' : `${people} more approvals`}${
          from.length === 0 ? '' : ` by ${oneOf(from)}`
        }: ${why} (rule ${rule})`,
    ),
    ...(missing.length > 0 && demands.breakGlass
      ? [
          `In an emergency: ${demands.breakGlass.people} people of ${oneOf(demands.breakGlass.from)} break the glass.`,
        ]
      : []),
  ];
};

/**
 * Why somebody may or may not ask for a change and decide on it, and what it waits for. It judges by the same functions
 * as the decision itself, so it never says what that would not.
 */
export const explain = (approval: Explained, person: Person): Explanation => {
  const { demands, starter, votes } = approval;
  const over = overBecause(approval);
  const refusals = refusalsOf(approval, person);
  const judge = (answer: keyof typeof refusals, allowed: string): Verdict =>
    over === undefined ? judged(refusals[answer], allowed) : { allowed: false, code: 'over', why: over };
  const approve = judge('approve', whatTheApprovalDoes(approval, person));
  const reject = judge('reject', 'You may reject it, now or later.');
  const breakGlass = judge('breakGlass', glassOf(demands));
  const summary =
    approve.allowed || !reject.allowed
      ? approve.why
      : `You may reject it, but not approve it now. ${approve.why}`;
  return {
    person: person.id,
    groups: [...person.groups],
    summary: breakGlass.allowed && !approve.allowed ? `${summary} ${breakGlass.why}` : summary,
    ask: judged(refuseToAsk(demands, person), 'You may ask for such a change.'),
    approve,
    reject,
    breakGlass,
    waitsFor: over
      ? []
      : [
          ...holdUps(approval).map(({ sentence }) => sentence),
          ...standingOf(approval).missing.map(
            (missing) => `It waits for ${stillMissing(missing)}: ${missing.why} (rule ${missing.rule})`,
          ),
          ...starterLine(starter, votes),
          `Without an answer it expires at ${approval.expiresAt}.`,
        ],
    wouldHelp: over ? [] : helpOf(approval),
  };
};
