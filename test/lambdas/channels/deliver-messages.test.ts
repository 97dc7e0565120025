import fc from 'fast-check';
import type { ChannelEvent } from '../../../lambdas/channels/contract';
import {
  delaySeconds,
  type Message,
  makeDeliverMessages,
  mostAttempts,
} from '../../../lambdas/channels/deliver-messages';
import { eventOf } from '../../../lambdas/channels/event';
import { DeliveryError } from '../../../lambdas/channels/send-request';
import { logger } from '../../../lambdas/shared/logger';
import { anEntry } from '../../support/ledger-entries';

beforeAll(() => logger.setLogLevel('SILENT'));

const event = (n: number): ChannelEvent =>
  eventOf(anEntry({ id: `approval.requested:${n}` }), {
    environment: 'poc',
    publicUrl: 'https://gate.example.com',
  }) as ChannelEvent;

interface Waiting {
  readonly body: string;
  attempts: number;
  dueAt: number;
}

/** A queue as SQS is one: hides what was received, counts how often, brings back what was not deleted. */
const queueOf = (tell: (to: string, event: ChannelEvent) => Promise<void>, random = () => 0.5) => {
  const waiting = new Map<string, Waiting>();
  const aside: { body: string; reason: string; attempts: number }[] = [];
  let clock = 0;
  const deliver = makeDeliverMessages({
    tell,
    random,
    postpone: async ({ receiptHandle }, seconds) => {
      const message = waiting.get(receiptHandle);
      if (message) message.dueAt = clock + seconds;
    },
    setAside: async ({ body }, reason, attempts) => void aside.push({ body, reason, attempts }),
  });
  return {
    aside,
    send: (body: string): void => void waiting.set(`m${waiting.size}`, { body, attempts: 0, dueAt: 0 }),
    /** Goes from one delivery to the next until nothing is left; returns the seconds that this takes. */
    drain: async (): Promise<number> => {
      while (waiting.size > 0) {
        clock = Math.min(...[...waiting.values()].map(({ dueAt }) => dueAt));
        const due = [...waiting].filter(([, { dueAt }]) => dueAt <= clock);
        const Records = due.map(([messageId, message]): Message => {
          message.attempts += 1;
          message.dueAt = clock + 180;
          return {
            messageId,
            receiptHandle: messageId,
            body: message.body,
            attributes: { ApproximateReceiveCount: String(message.attempts) },
          };
        });
        const { batchItemFailures } = await deliver({ Records });
        const kept = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
        for (const { messageId } of Records) if (!kept.has(messageId)) waiting.delete(messageId);
      }
      return clock;
    },
  };
};
const bodyOf = (n: number): string => JSON.stringify({ to: 'webhook:itsm', event: event(n) });

test('a receiver that comes and goes gets each event once, whichever attempts failed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: mostAttempts - 1 }), { minLength: 1, maxLength: 8 }),
      async (failures) => {
        const left = new Map(failures.map((count, n) => [event(n).id, count]));
        const taken: string[] = [];
        const queue = queueOf(async (_, { id }) => {
          const count = left.get(id) ?? 0;
          left.set(id, count - 1);
          if (count > 0) throw new DeliveryError('The receiver answered 503.');
          taken.push(id);
        });
        for (const n of failures.keys()) queue.send(bodyOf(n));
        await queue.drain();
        expect(taken.sort()).toEqual([...failures.keys()].map((n) => event(n).id).sort());
        expect(queue.aside).toEqual([]);
      },
    ),
    { numRuns: 200 },
  );
});

test('one that never takes it is tried nine times over hours, then it waits for a person with the reason', async () => {
  const tell = jest.fn().mockRejectedValue(new DeliveryError('The receiver answered 500.'));
  const queue = queueOf(tell);
  queue.send(bodyOf(1));
  const seconds = await queue.drain();
  expect(tell).toHaveBeenCalledTimes(mostAttempts);
  expect(new Set(tell.mock.calls.map(([, { id }]) => id)).size).toBe(1);
  expect(seconds / 3600).toBeGreaterThan(8);
  expect(queue.aside).toEqual([{ body: bodyOf(1), reason: 'The receiver answered 500.', attempts: 9 }]);
});

test('what one message does is nothing to the others', async () => {
  const taken: string[] = [];
  const queue = queueOf(async (_, { id }) => {
    if (id === event(0).id) throw new DeliveryError('no');
    taken.push(id);
  });
  queue.send('this is no event');
  queue.send(JSON.stringify({ to: 'webhook:itsm', event: { type: 'run.ended' } }));
  for (const n of [0, 1, 2]) queue.send(bodyOf(n));
  await queue.drain();
  expect(taken).toEqual([event(1).id, event(2).id]);
  expect(queue.aside).toHaveLength(3);
});

test('an error of ours says no more than its name to whoever reads dead letters', async () => {
  const queue = queueOf(async () => {
    throw new TypeError('with a secret in it');
  });
  queue.send(bodyOf(1));
  await queue.drain();
  expect(queue.aside).toMatchObject([{ reason: 'An error of ours (TypeError); the log says more.' }]);
});

test('a delay grows, is by chance, honours what was asked for, and stays within what SQS can hide', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: mostAttempts }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.option(fc.integer({ min: 0, max: 999_999 }), { nil: undefined }),
      (attempt, random, asked) => {
        const delay = delaySeconds(attempt, random, asked);
        expect(Number.isInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(Math.min(asked ?? 0, 6 * 3600));
        expect(delay).toBeLessThanOrEqual(6 * 3600);
        expect(delaySeconds(attempt + 1, 0)).toBeGreaterThanOrEqual(delaySeconds(attempt, 0));
      },
    ),
  );
  expect(delaySeconds(3, 0)).toBeLessThan(delaySeconds(3, 1));
});
