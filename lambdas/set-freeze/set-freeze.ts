import { digestOf } from '../shared/digest';
import { InvalidInputError } from '../shared/errors';
import type { Freeze, FreezeStore } from '../shared/freeze-store';
import type { Ledger } from '../shared/ledger';
import { claim, everyTenant, words } from '../shared/ledger-event';
import { tenantOf } from '../shared/names';
import { plainText } from '../shared/plain-text';
import { traceparentOrNew } from '../shared/trace-context';
import type { SetFreezeOutput, SetFreezeStep } from './contract';

interface Deps {
  readonly freezes: Pick<FreezeStore, 'set' | 'lift'>;
  readonly ledger: Ledger;
}

const chainOf = (scope: string): string =>
  scope === 'all' ? everyTenant : scope.includes('/') ? tenantOf(scope) : scope;

/**
 * Freezes a workspace, a tenant or everything, or ends that. While it lasts no run begins there, and what runs
 * already begins no apply, configuration or script any more. Ending a freeze that is not there changes nothing.
 *
 * @throws InvalidInputError
 */
export const makeSetFreeze =
  (deps: Deps) =>
  async ({ executionArn, at, input }: SetFreezeStep): Promise<SetFreezeOutput> => {
    const { action, scope, until } = input;
    if (action === 'unfreeze' && until !== null)
      throw new InvalidInputError('A freeze is ended at once: leave out "until".');
    if (until !== null && Date.parse(until) <= Date.parse(at))
      throw new InvalidInputError('The field until lies in the past. Name a time to come, or leave it out.');
    const reason = plainText(input.reason, 1000);
    const by = plainText(input.by, 128);
    const freeze: Freeze | null = action === 'freeze' ? { scope, by, reason, at, until } : null;
    if (freeze) await deps.freezes.set(freeze);
    else await deps.freezes.lift(scope);
    await deps.ledger.append({
      tenant: chainOf(scope),
      id: `freeze.set:${digestOf(executionArn)}`,
      type: freeze ? 'freeze.set' : 'freeze.lifted',
      runId: executionArn.slice(executionArn.lastIndexOf(':') + 1),
      actor: claim(by),
      at,
      traceparent: traceparentOrNew(undefined),
      data: { scope, reasonDigest: words(reason, by), until },
    });
    return { scope, freeze };
  };
