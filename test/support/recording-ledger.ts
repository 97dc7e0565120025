import { sha256Hex } from '../../lambdas/shared/digest';
import type { Ledger } from '../../lambdas/shared/ledger';
import { type WrittenEvent, withoutNames } from '../../lambdas/shared/ledger-event';
import type { People } from '../../lambdas/shared/people';

/** People whose references say who they are, so that a test reads well. */
export const openPeople: People = {
  refer: async (identity) => `person:${identity}`,
  keep: async (text) => sha256Hex(text),
};

/** A ledger that keeps events in a list as they would be chained and, like the real one, takes each id once. */
export const recordingLedger = (known: People = openPeople): Ledger & { events: WrittenEvent[] } => {
  const events: WrittenEvent[] = [];
  return {
    events,
    append: async (event) => {
      const written = await withoutNames(event, known);
      if (!events.some(({ tenant, id }) => tenant === written.tenant && id === written.id))
        events.push(written);
    },
  };
};
