import type { Person } from '../approval-rules/people';
import type { RuleSet } from '../approval-rules/rule-set';
import { type DelegationRecord, type DelegationStore, lasts } from '../shared/delegation-store';
import { InvalidInputError } from '../shared/errors';
import type { Ledger } from '../shared/ledger';
import { claim, everyTenant, person, words } from '../shared/ledger-event';
import { plainText } from '../shared/plain-text';
import { traceparentOrNew } from '../shared/trace-context';
import type { SetDelegationInput } from './contract';

interface Deps {
  readonly delegations: DelegationStore;
  readonly ledger: Ledger;
  readonly rules: Pick<RuleSet, 'delegation'>;
  readonly people: readonly Person[];
  readonly now: () => Date;
}

const dayMs = 24 * 3_600_000;

type Made = Extract<SetDelegationInput, { action: 'make' }>;

const whyNot = ({ rules, people }: Deps, { from, to, until }: Made, now: Date): string | undefined => {
  if (!rules.delegation)
    return 'no rule lets anybody delegate ("delegation" in policies/approval/rules.json).';
  const stranger = [from, to].find((id) => !people.some((known) => known.id === id));
  if (stranger !== undefined)
    return `${plainText(stranger, 128)} is no approver of this environment's configuration.`;
  if (from === to) return 'name somebody else.';
  const { atMostDays } = rules.delegation;
  const longest = new Date(now.getTime() + atMostDays * dayMs).toISOString();
  const end = new Date(until).toISOString();
  if (end <= now.toISOString()) return 'the end lies in the past.';
  return end > longest ? `it may last ${atMostDays} days, until ${longest}.` : undefined;
};

/**
 * Lets somebody answer for another until a day, or ends that. The same request twice is recorded once, so that a repeat
 * completes what a crash left.
 *
 * @throws InvalidInputError when the rules do not allow it, or another one lasts.
 */
export const makeSetDelegation = (deps: Deps) => {
  const record = async (
    { from, to, until, madeAt, endedAt, reason }: DelegationRecord,
    by: string,
  ): Promise<void> => {
    const type = endedAt === undefined ? 'delegation.made' : 'delegation.ended';
    await deps.ledger.append({
      tenant: everyTenant,
      id: [type, person(from), madeAt],
      type,
      runId: 'none',
      actor: claim(plainText(by, 128)),
      at: endedAt ?? madeAt,
      traceparent: traceparentOrNew(undefined),
      data: {
        from: person(from),
        delegate: person(to),
        until,
        reasonDigest: words(reason, from),
      },
    });
  };
  const lastOf = async (person: string): Promise<DelegationRecord | undefined> =>
    (await deps.delegations.list()).find(({ from }) => from === person);

  const make = async (input: Made, now: Date): Promise<DelegationRecord> => {
    const refusal = whyNot(deps, input, now);
    if (refusal !== undefined)
      throw new InvalidInputError(`${input.from} lets nobody answer for them yet: ${refusal}`);
    const delegation: DelegationRecord = {
      from: input.from,
      to: input.to,
      until: new Date(input.until).toISOString(),
      madeAt: now.toISOString(),
      reason: plainText(input.reason, 500),
    };
    if (await deps.delegations.make(delegation)) return delegation;
    const known = await lastOf(input.from);
    if (known?.to === delegation.to && known.until === delegation.until && lasts(known, now)) return known;
    throw new InvalidInputError(
      `${input.from} already lets ${known?.to ?? 'somebody'} answer until ${known?.until ?? 'then'}. End that first.`,
    );
  };

  const end = async (from: string, now: Date): Promise<DelegationRecord> => {
    await deps.delegations.end(from, now.toISOString());
    const known = await lastOf(from);
    if (known?.endedAt === undefined)
      throw new InvalidInputError(`${from} lets nobody answer for them, so there is nothing to end.`);
    return known;
  };

  return async (input: SetDelegationInput): Promise<DelegationRecord> => {
    const now = deps.now();
    const delegation = await (input.action === 'make' ? make(input, now) : end(input.from, now));
    await record(delegation, input.by);
    return delegation;
  };
};
