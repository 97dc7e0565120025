import type { Ledger, LedgerEvent } from '../../lambdas/shared/ledger';

/** A ledger that keeps events in a list and, like the real one, takes each id once. */
export const recordingLedger = (): Ledger & { events: LedgerEvent[] } => {
  const events: LedgerEvent[] = [];
  return {
    events,
    append: async (event) => {
      if (!events.some(({ tenant, id }) => tenant === event.tenant && id === event.id)) events.push(event);
    },
  };
};
