import type { PlannedHost } from './contract';
import type { TimeToLive } from './workspace-record';

const hourMs = 3_600_000;

/** Hours before the end at which people are warned. */
const warnings = [168, 24, 1];

/** The last warning that is due by a time, by its hours before the end; `null`: none yet. */
export const dueWarning = (expiresAt: string, now: Date): number | null => {
  const left = Date.parse(expiresAt) - now.getTime();
  return warnings.filter((hours) => left <= hours * hourMs).at(-1) ?? null;
};

/** A time to live that begins to be watched: of what is short from the start, nobody is warned at once. */
export const newTimeToLive = (expiresAt: string, now: Date): TimeToLive => ({
  expiresAt,
  warned: dueWarning(expiresAt, now),
  endedBy: null,
});

/** When the last of these hosts ends; `null` when there is none, or one that never does. */
export const endOf = (hosts: readonly Pick<PlannedHost, 'expiresAt'>[]): string | null => {
  const ends = hosts.map(({ expiresAt }) => Date.parse(expiresAt ?? ''));
  return ends.length === 0 || ends.some(Number.isNaN) ? null : new Date(Math.max(...ends)).toISOString();
};
