import { sha256Hex } from '../../lambdas/shared/digest';
import type { Ledger } from '../../lambdas/shared/ledger';
import { type WrittenEvent, withoutNames } from '../../lambdas/shared/ledger-event';
import type { People } from '../../lambdas/shared/people';

/** People whose references say who they are, so that a test reads well. */
export const openPeople: People = {
  refer: async (identity) => `person:${identity}`,
  keep: async (text) => sha256Hex(text),
};

/** Names that tests give to people, and what only addresses have. */
const names = /\b(alex|dana|eve|kim|maria|octocat|olga|sam)\b|@/i;

/** An entry cannot be changed: whoever is to be forgotten must not stand in it. */
const requireNoNames = (event: WrittenEvent): void => {
  const text = JSON.stringify(event).replaceAll(/person:[^"+]*/g, '');
  if (names.test(text)) throw new Error(`an entry names somebody: ${text}`);
};

/** A ledger that keeps events in a list as they would be chained and, like the real one, takes each id once. */
export const recordingLedger = (known: People = openPeople): Ledger & { events: WrittenEvent[] } => {
  const events: WrittenEvent[] = [];
  return {
    events,
    append: async (event) => {
      const written = await withoutNames(event, known);
      requireNoNames(written);
      if (!events.some(({ tenant, id }) => tenant === written.tenant && id === written.id))
        events.push(written);
    },
  };
};
