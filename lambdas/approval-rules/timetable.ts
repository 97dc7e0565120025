import type { Demands } from './demands';

/** What of an approval decides when something is due. Instants are ISO 8601, UTC. */
export interface Timed {
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly demands: Pick<Demands, 'remindAfterHours' | 'escalations'>;
}

/** How far an approval has come: counts that only grow, so that nothing is done twice. */
export interface Progress {
  /** Escalations that are due. */
  readonly escalated: number;
  /** Reminders that are due; those that were missed are not made up for. */
  readonly reminded: number;
}

const hourMs = 3_600_000;

/** The waiting state ends by its own timeout first; whoever closes an approval gives it this long. */
const graceMs = 60_000;
/** However quiet it is: a run may have ended without closing its approval, or somebody can be reached again. */
const lookEveryMs = hourMs;

/** Whole milliseconds, so that what is due at a moment is due at exactly that moment. */
const toMs = (hours: number): number => Math.round(hours * hourMs);
const intervalMs = ({ remindAfterHours }: Timed['demands']): number =>
  remindAfterHours === null ? Number.POSITIVE_INFINITY : toMs(remindAfterHours);

/** What should have been done by now. */
export const dueBy = ({ createdAt, demands }: Timed, now: Date): Progress => {
  const passed = now.getTime() - Date.parse(createdAt);
  return {
    escalated: demands.escalations.filter(({ afterHours }) => toMs(afterHours) <= passed).length,
    reminded: Math.max(0, Math.floor(passed / intervalMs(demands))),
  };
};

/** Whether it is closed although the state that waits for it should have ended by itself. */
export const isOverdue = ({ expiresAt }: Pick<Timed, 'expiresAt'>, now: Date): boolean =>
  now.getTime() >= Date.parse(expiresAt) + graceMs;

/** When to look again: at the next thing that is due, and every hour. Always later than now. */
export const nextLook = (timed: Timed, now: Date): Date => {
  const asked = Date.parse(timed.createdAt);
  const { reminded } = dueBy(timed, now);
  const moments = [
    now.getTime() + lookEveryMs,
    Date.parse(timed.expiresAt) + graceMs,
    asked + (reminded + 1) * intervalMs(timed.demands),
    ...timed.demands.escalations.map(({ afterHours }) => asked + toMs(afterHours)),
  ];
  return new Date(Math.min(...moments.filter((moment) => moment > now.getTime())));
};
