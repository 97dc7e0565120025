import type { NamePeople } from '../shared/people';
import { plainText } from '../shared/plain-text';
import type { ChannelEvent } from './contract';

/** What of an event's data names people. */
const naming = ['approvers', 'by'] as const;

/**
 * Puts names into an event just before it is told. What waits in a queue has references only, so that whoever is erased
 * meanwhile is told of as such.
 */
export const makeNameInEvent =
  (namePeople: NamePeople) =>
  async (event: ChannelEvent): Promise<ChannelEvent> => {
    const nameOf = async (text: string): Promise<string> => plainText(await namePeople(text), 250);
    const data: Record<string, unknown> = { ...event.data };
    for (const field of naming)
      if (Array.isArray(data[field])) data[field] = await Promise.all(data[field].map(nameOf));
    return { ...event, actor: await nameOf(event.actor), data } as ChannelEvent;
  };
