import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { makeChannelMemory } from '../channels/channel-memory';
import { makeDeliverMessages } from '../channels/deliver-messages';
import { makeQueueMessages } from '../channels/queue-messages';
import { makeSendRequest } from '../channels/send-request';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { resolvePublicHost } from '../shared/public-host';
import { makeReadSecret } from '../shared/read-secret';
import { makeCallSlack } from './call-slack';
import { makeDeliverSlack } from './deliver-slack';
import { deliverSlackEnv } from './env';

const env = parseEnv(deliverSlackEnv);

export const handler = makeDeliverMessages({
  tell: makeDeliverSlack({
    channels: env.CHANNELS,
    memory: makeChannelMemory({
      client: makeDocumentClient(),
      table: env.CHANNELS_TABLE,
      now: () => new Date(),
    }),
    callSlack: makeCallSlack({
      apiUrl: env.API_URL,
      token: makeReadSecret(new SecretsManagerClient({}), env.BOT_TOKEN_ARN, { maxAgeSeconds: 300 }),
      sendRequest: makeSendRequest({
        resolve: resolvePublicHost,
        loopback: env.LOOPBACK,
        timeoutMs: 10_000,
        maxAnswerBytes: 256 * 1024,
      }),
    }),
  }),
  ...makeQueueMessages(new SQSClient({}), { queue: env.QUEUE_URL, deadLetters: env.DEAD_LETTERS_URL }),
  random: Math.random,
});
