import type { ChannelEvent, ChannelLimits, Route } from '../channels/contract';
import { type EventSource, eventOf } from '../channels/event';
import { channelsFor } from '../channels/routing';
import type { LedgerEntry } from '../shared/ledger';

interface Deps extends EventSource {
  readonly channels: readonly ChannelLimits[];
  readonly routes: readonly Route[];
  readonly enqueue: (channel: string, event: ChannelEvent) => Promise<void>;
}

/**
 * Puts what a ledger entry tells the outside into the queue of each channel that is to hear of it. An entry that comes
 * again makes the same event again, with the same id.
 */
export const makeRouteEvents =
  (deps: Deps) =>
  async (entry: LedgerEntry): Promise<void> => {
    const event = eventOf(entry, deps);
    if (!event) return;
    await Promise.all(
      channelsFor(event, deps.channels, deps.routes).map((channel) => deps.enqueue(channel, event)),
    );
  };
