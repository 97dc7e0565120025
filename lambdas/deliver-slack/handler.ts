import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { makeChannelMemory } from '../channels/channel-memory';
import { makeDeliverMessages } from '../channels/deliver-messages';
import { makeNameInEvent } from '../channels/name-people';
import { makeQueueMessages } from '../channels/queue-messages';
import { makeSendRequest } from '../channels/send-request';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeNamePeople } from '../shared/people';
import { resolvePublicHost } from '../shared/public-host';
import { makeStoredCredential } from '../shared/stored-credential';
import { makeCallSlack } from './call-slack';
import { makeDeliverSlack } from './deliver-slack';
import { deliverSlackEnv } from './env';

const env = parseEnv(deliverSlackEnv);

const client = makeDocumentClient();
const nameInEvent = makeNameInEvent(makeNamePeople({ client, table: env.PEOPLE_TABLE }));
const deliver = makeDeliverSlack({
  channels: env.CHANNELS,
  memory: makeChannelMemory({
    client,
    table: env.CHANNELS_TABLE,
    now: () => new Date(),
  }),
  callSlack: makeCallSlack({
    apiUrl: env.API_URL,
    token: makeStoredCredential(new SecretsManagerClient({}), env.BOT_TOKEN_ARN),
    sendRequest: makeSendRequest({
      resolve: resolvePublicHost,
      loopback: env.LOOPBACK,
      timeoutMs: 10_000,
      maxAnswerBytes: 256 * 1024,
    }),
  }),
});

export const handler = makeDeliverMessages({
  tell: async (channel, event) => deliver(channel, await nameInEvent(event)),
  ...makeQueueMessages(new SQSClient({}), { queue: env.QUEUE_URL, deadLetters: env.DEAD_LETTERS_URL }),
  random: Math.random,
});
