import { digestOf } from '../shared/digest';
import type { Ledger } from '../shared/ledger';
import type { LedgerEntry } from '../shared/ledger-chain';
import { everyTenant, type ImpersonalEvent } from '../shared/ledger-event';
import { traceparentOrNew } from '../shared/trace-context';
import type { ConfigurationInForce } from './contract';

interface Deps {
  readonly inForce: ConfigurationInForce;
  /** The newest entry of a type, in the chain of all tenants. */
  readonly newest: (type: string) => Promise<LedgerEntry | undefined>;
  readonly ledger: Ledger<ImpersonalEvent>;
  readonly now: () => Date;
}

/**
 * Puts on record that rules or roles are others than before. The ledger itself tells what was in force last, so that
 * nothing else has to be kept: the id of the new entry names the one before, and whoever comes second adds nothing.
 */
export const makeRecordConfiguration =
  ({ inForce, newest, ledger, now }: Deps) =>
  async (): Promise<{ recorded: string[] }> => {
    const recorded: string[] = [];
    for (const [type, after] of [
      ['rules.changed', inForce.rules],
      ['roles.changed', inForce.roles],
    ] as const) {
      const last = await newest(type);
      const before = last?.data.after ?? null;
      if (before !== null && digestOf(before) === digestOf(after)) continue;
      await ledger.append({
        tenant: everyTenant,
        id: `${type}:${last?.seq ?? 0}:${digestOf(after)}`,
        type,
        runId: 'none',
        actor: 'orchestrator',
        at: now().toISOString(),
        traceparent: traceparentOrNew(undefined),
        data: { before, after, release: inForce.release },
      });
      recorded.push(type);
    }
    return { recorded };
  };
