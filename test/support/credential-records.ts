import type { CredentialRecord, Rotation } from '../../lambdas/rotation/journal';
import { startedAt } from './gate';

/** Hours from when tests look: before it where negative. */
export const hoursFrom = (hours: number): string =>
  new Date(startedAt.getTime() + hours * 3_600_000).toISOString();

export const aCredential = (over: Partial<CredentialRecord> = {}): CredentialRecord => ({
  id: 'orchestrator-prod/workspaces/acme/web-01/orders',
  strategy: 'postgresql-alternating-users',
  owner: 'team-orders',
  consumers: ['orders-api', 'orders-reports'],
  days: 90,
  overlapSeconds: 3600,
  nextDueAt: hoursFrom(40 * 24),
  attempts: 0,
  revision: 1,
  ...over,
});

export const aRotation = (over: Partial<Rotation> = {}): Rotation => ({
  version: 'v2',
  from: 'v1',
  runId: 'rotation-2026-11-21',
  attempt: 1,
  step: 'set',
  begunAt: hoursFrom(-0.1),
  ...over,
});

const named = (name: string, over: Partial<CredentialRecord> = {}): CredentialRecord =>
  aCredential({ id: `orchestrator-prod/workspaces/${name}`, ...over });

const completed = (hours: number): CredentialRecord['lastResult'] => ({
  outcome: 'completed',
  at: hoursFrom(hours),
  runId: 'rotation-2026-08-24',
});

/** A credential of each standing. */
export const everyStanding: readonly CredentialRecord[] = [
  named('acme/web-01/catalogue', { lastResult: completed(-50 * 24), lastRotatedAt: hoursFrom(-50 * 24) }),
  named('acme/web-01/orders', {
    nextDueAt: hoursFrom(-5 * 24),
    attempts: 5,
    lastResult: {
      outcome: 'abandoned',
      at: hoursFrom(-6),
      runId: 'rotation-2026-11-21',
      error: 'MissingRightsError',
      message:
        'The next login of orders may not do what the present one may: SELECT on the table invoices. It was not promoted.',
    },
  }),
  named('acme/web-02/billing', {
    consumers: [],
    lastResult: {
      outcome: 'rolled-back',
      at: hoursFrom(-3),
      runId: 'rotation-2026-11-21',
      error: 'CredentialRefusedError',
      message: 'The server refused the promoted login, and accepted the one before.',
    },
  }),
  named('acme/web-03/ledger', {
    nextDueAt: hoursFrom(-8),
    rotation: aRotation({ step: 'test', begunAt: hoursFrom(-7), attempt: 2 }),
  }),
  {
    id: 'acme-shop-api-token',
    consumers: [],
    attempts: 1,
    revision: 3,
    lastResult: {
      outcome: 'failed',
      at: hoursFrom(-6),
      runId: 'rotation-2026-11-21',
      error: 'CredentialTagsError',
      message:
        'The secret acme-shop-api-token cannot be rotated: its tags rotation-days, owner are missing or wrong.',
    },
  },
  named('demo/web-01/shop', { nextDueAt: hoursFrom(-2), rotation: aRotation() }),
  named('demo/web-02/shop', {
    nextDueAt: hoursFrom(-2),
    rotation: aRotation({
      step: 'drain',
      begunAt: hoursFrom(-1),
      promotedAt: hoursFrom(-0.9),
      drainUntil: hoursFrom(0.1),
    }),
  }),
  named('demo/web-03/shop', { nextDueAt: hoursFrom(-5) }),
  named('demo/web-04/shop', { nextDueAt: hoursFrom(3 * 24), lastResult: completed(-87 * 24) }),
  named('orchestrator/page-secret', {
    strategy: 'product-key',
    owner: 'platform',
    consumers: Array.from({ length: 15 }, (_, index) => `function-${index + 1}`),
  }),
];
