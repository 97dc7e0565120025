import type { CredentialRecord, Rotation } from './journal';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Of things in flight and ends, how long is too long; figures and their reasons stand in docs/secret-rotation.md. */
export const patience = {
  /** A credential that is due is rotated by the next nightly run: after two nights none brought it to its end. */
  overdueMs: 2 * dayMs,
  /** Longer than all steps of a rotation together, each with its retries. */
  stuckMs: hourMs,
  /** The next nightly run goes on with what somebody still used: after two nights they do not let go. */
  drainingMs: 2 * dayMs,
  /** Tries of one rotation; more is a storm. */
  attempts: 3,
  /** What comes due within it is told ahead. */
  soonMs: 7 * dayMs,
} as const;

/** Why a person is needed, the gravest first. */
export const needs = ['broken', 'stuck', 'rolled-back', 'failed', 'unfit', 'overdue', 'storm'] as const;
export type Need = (typeof needs)[number];

export const groups = ['needs-somebody', 'in-flight', 'due', 'soon', 'fine'] as const;
/** Each credential stands in one. */
export type Group = (typeof groups)[number];

export interface Standing {
  readonly record: CredentialRecord;
  readonly needs: readonly Need[];
  readonly group: Group;
  /** When what is current became so, as far as its next date tells. */
  readonly currentSince: string | null;
}

const stuckAt = ({ step, begunAt, promotedAt, drainUntil }: Rotation): number =>
  step === 'drain' || step === 'retire'
    ? Date.parse(drainUntil ?? promotedAt ?? begunAt) + patience.drainingMs
    : Date.parse(promotedAt ?? begunAt) + patience.stuckMs;

/** How a credential stands, and whether it needs somebody. */
export const standingOf = (record: CredentialRecord, now: Date): Standing => {
  const { rotation, lastResult, nextDueAt, days, attempts } = record;
  const at = now.getTime();
  const dueMs = nextDueAt === undefined ? null : Date.parse(nextDueAt);
  const failed = lastResult?.outcome === 'failed' || lastResult?.outcome === 'abandoned';
  const unfit = failed && lastResult.error === 'CredentialTagsError';
  // Promoted, and neither it nor the one before signs in: otherwise it would have been rolled back.
  const broken = lastResult?.outcome === 'failed' && rotation?.step === 'confirm';
  const found: Readonly<Record<Need, boolean>> = {
    broken,
    stuck: !broken && rotation !== undefined && at > stuckAt(rotation),
    'rolled-back': lastResult?.outcome === 'rolled-back',
    failed: failed && !unfit && !broken,
    unfit,
    overdue: dueMs !== null && rotation?.promotedAt === undefined && at > dueMs + patience.overdueMs,
    storm: attempts > patience.attempts,
  };
  const needed = needs.filter((need) => found[need]);
  const byDate = dueMs === null || dueMs > at + patience.soonMs ? 'fine' : dueMs > at ? 'soon' : 'due';
  return {
    record,
    needs: needed,
    group: needed.length > 0 ? 'needs-somebody' : rotation ? 'in-flight' : byDate,
    currentSince:
      record.lastRotatedAt ??
      (dueMs === null || days === undefined ? null : new Date(dueMs - days * dayMs).toISOString()),
  };
};

/** Whether there is such a secret, as far as anybody has looked. */
export const isThere = ({ lastResult }: CredentialRecord): boolean => lastResult?.outcome !== 'gone';

/** What needs somebody first, then by when it is due. */
export const inOrderOfNeed = (records: readonly CredentialRecord[], now: Date): Standing[] => {
  const ranked = records.filter(isThere).map((record) => {
    const standing = standingOf(record, now);
    const [gravest] = standing.needs;
    const need = gravest === undefined ? needs.length : needs.indexOf(gravest);
    const rank = `${groups.indexOf(standing.group)}${need} ${record.nextDueAt ?? ''} ${record.id}`;
    return { standing, rank };
  });
  ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1));
  return ranked.map(({ standing }) => standing);
};
