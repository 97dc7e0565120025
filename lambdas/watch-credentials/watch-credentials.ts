import type { CredentialRecord, Journal } from '../rotation/journal';
import { isThere, type Need, type Standing, standingOf } from '../rotation/life-cycle';
import { placeOf } from '../rotation/place-of';
import type { Ledger } from '../shared/ledger';
import type { ImpersonalEvent } from '../shared/ledger-event';
import { logger } from '../shared/logger';
import { type Print, putMetrics } from '../shared/metric';
import { traceparentOrNew } from '../shared/trace-context';
import { credentialMetrics, type WatchCredentialsOutput } from './contract';

interface Deps {
  readonly journal: Pick<Journal, 'list'>;
  readonly ledger: Ledger<ImpersonalEvent>;
  readonly print: Print;
  readonly now: () => Date;
}

const has =
  (...wanted: readonly Need[]) =>
  ({ needs }: Standing): boolean =>
    wanted.some((need) => needs.includes(need));

const ageOf = ({ currentSince }: Standing, now: Date): number =>
  currentSince === null ? 0 : Math.max(0, now.getTime() - Date.parse(currentSince)) / 1000;

const measure = (standings: readonly Standing[], now: Date, print: Print): void => {
  const count = (which: (standing: Standing) => boolean): number => standings.filter(which).length;
  const { all, due, overdue, inFlight, stuck, failing, storming, oldest } = credentialMetrics;
  const isDue = ({ record: { nextDueAt } }: Standing) =>
    nextDueAt !== undefined && nextDueAt <= now.toISOString();
  putMetrics(
    print,
    [
      { ...all, value: standings.length },
      { ...due, value: count(isDue) },
      { ...overdue, value: count(has('overdue')) },
      { ...inFlight, value: count(({ record: { rotation } }) => rotation !== undefined) },
      { ...stuck, value: count(has('stuck', 'broken')) },
      { ...failing, value: count(has('failed', 'rolled-back', 'unfit', 'broken')) },
      { ...storming, value: count(has('storm')) },
      { ...oldest, value: standings.reduce((most, one) => Math.max(most, ageOf(one, now)), 0) },
    ],
    now,
  );
};

/** What the ledger is told once: of each due date that passed, and of each rotation that does not move. */
const newsOf = ({ record, needs }: Standing): { type: string; once: string }[] => [
  ...(needs.includes('overdue')
    ? [{ type: 'credential.rotation-overdue', once: record.nextDueAt ?? '' }]
    : []),
  ...(needs.includes('stuck') || needs.includes('broken')
    ? [{ type: 'credential.rotation-stuck', once: `${record.rotation?.version}:${record.rotation?.step}` }]
    : []),
];

const eventOf = (record: CredentialRecord, { type, once }: { type: string; once: string }, now: Date) => {
  const { tenant, workspace } = placeOf(record.id);
  return {
    tenant,
    id: `${type}:${record.id}:${once}`,
    type,
    runId: record.rotation?.runId ?? record.lastResult?.runId ?? 'watch-credentials',
    actor: 'watch-credentials' as const,
    at: now.toISOString(),
    traceparent: traceparentOrNew(undefined),
    data: {
      workspace,
      credential: record.id,
      strategy: record.strategy ?? null,
      owner: record.owner ?? null,
      step: record.rotation?.step ?? null,
      error: record.lastResult?.error ?? null,
    },
  };
};

/**
 * Looks at the journal of all credentials: counts how they stand, and tells of those that are overdue or stuck, also
 * where no rotation runs any more.
 */
export const makeWatchCredentials =
  ({ journal, ledger, print, now: clock }: Deps) =>
  async (): Promise<WatchCredentialsOutput> => {
    const now = clock();
    const standings: Standing[] = [];
    for await (const record of journal.list()) if (isThere(record)) standings.push(standingOf(record, now));
    measure(standings, now, print);
    let untold = 0;
    for (const standing of standings)
      for (const news of newsOf(standing))
        try {
          await ledger.append(eventOf(standing.record, news, now));
        } catch (error) {
          untold++;
          logger.error('the ledger could not be told of a credential; a later sweep tries again', {
            credential: standing.record.id,
            code: error instanceof Error ? error.name : 'unknown',
          });
        }
    return {
      credentials: standings.length,
      overdue: standings.filter(has('overdue')).length,
      stuck: standings.filter(has('stuck', 'broken')).length,
      untold,
    };
  };
