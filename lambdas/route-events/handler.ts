import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { parseEnv } from '../shared/env';
import { makeLedgerConsumer } from '../shared/ledger-stream';
import { routeEventsEnv } from './env';
import { makeRouteEvents } from './route-events';

const env = parseEnv(routeEventsEnv);
const sqs = new SQSClient({});
const channels = new Map(env.CHANNELS.map((channel) => [channel.name, channel]));

export const handler = makeLedgerConsumer(
  makeRouteEvents({
    environment: env.ENVIRONMENT,
    publicUrl: env.PUBLIC_URL,
    channels: env.CHANNELS.map(({ queue: _queue, inOrder: _inOrder, ...limits }) => limits),
    routes: env.ROUTES,
    enqueue: async (to, event) => {
      const channel = channels.get(to);
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: channel?.queue,
          MessageBody: JSON.stringify({ to, event }),
          // A run's messages follow each other; those of others pass them.
          ...(channel?.inOrder && {
            MessageGroupId: `${to}#${event.runId}`,
            MessageDeduplicationId: event.id,
          }),
        }),
      );
    },
  }),
);
