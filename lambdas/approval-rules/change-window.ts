import { type ChangeWindow, weekdays } from './rule-set';

const stepMs = 5 * 60_000;
/** A week holds every window once, but one that falls into the hour that the clocks leave out. */
const horizonSteps = (15 * 24 * 3_600_000) / stepMs;

const clocks = new Map<string, Intl.DateTimeFormat>();
const clockOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = clocks.get(timeZone);
  if (known) return known;
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  clocks.set(timeZone, clock);
  return clock;
};

/** Whether a window is open; from its first minute until before its last. */
export const isOpen = ({ days, from, to, timeZone }: ChangeWindow, at: Date): boolean => {
  const parts = Object.fromEntries(
    clockOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const time = `${parts.hour}:${parts.minute}`;
  const day = weekdays.find((name) => name === parts.weekday?.toLowerCase());
  return day !== undefined && days.includes(day) && from <= time && time < to;
};

/**
 * The first moment, to five minutes, at which one window of each list is open; `undefined` when their hours never
 * meet within two weeks.
 */
export const nextOpening = (lists: readonly (readonly ChangeWindow[])[], from: Date): Date | undefined => {
  const first = Math.ceil(from.getTime() / stepMs) * stepMs;
  for (let step = 0; step <= horizonSteps; step++) {
    const at = new Date(first + step * stepMs);
    if (lists.every((windows) => windows.some((window) => isOpen(window, at)))) return at;
  }
  return undefined;
};
