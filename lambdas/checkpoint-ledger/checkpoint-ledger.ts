import { LedgerBrokenError } from '../shared/errors';
import { logger } from '../shared/logger';
import type { MetricName } from '../shared/metric';
import type { makeCheckpointTenant } from './checkpoint-tenant';
import { brokenMetric, type CheckpointLedgerOutput, currentMetric } from './contract';

interface Deps {
  readonly tenants: () => Promise<readonly string[]>;
  readonly checkpointTenant: ReturnType<typeof makeCheckpointTenant>;
  readonly count: (metric: MetricName, times?: number) => void;
}

/** What a checkpoint may still take at the end. */
const reserveMs = 45_000;

/** Looks through the chains of all tenants. A broken one keeps no other from being signed. */
export const makeCheckpointLedger =
  ({ tenants, checkpointTenant, count }: Deps) =>
  async (_: unknown, { remainingTimeMs }: { readonly remainingTimeMs: () => number }) => {
    const hasTime = (): boolean => remainingTimeMs() > reserveMs;
    const published: { tenant: string; size: number }[] = [];
    const broken: { tenant: string; reason: string }[] = [];
    const postponed: string[] = [];
    for (const tenant of await tenants()) {
      try {
        const done = await checkpointTenant(tenant, hasTime);
        published.push(...done.published.map((size) => ({ tenant, size })));
        if (!done.isCurrent) postponed.push(tenant);
      } catch (error) {
        if (error instanceof LedgerBrokenError) {
          logger.error('a chain of the ledger is broken', {
            tenant,
            code: error.name,
            reason: error.message,
          });
          broken.push({ tenant, reason: error.message });
        } else {
          logger.error('a chain could not be signed now', { tenant, error });
          postponed.push(tenant);
        }
      }
    }
    if (broken.length > 0) count(brokenMetric, broken.length);
    else if (postponed.length === 0) count(currentMetric);
    return { published, broken, postponed } satisfies CheckpointLedgerOutput;
  };
