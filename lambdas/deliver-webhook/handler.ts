import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { makeDeliverMessages } from '../channels/deliver-messages';
import { makeNameInEvent } from '../channels/name-people';
import { makeQueueMessages } from '../channels/queue-messages';
import { makeSendRequest } from '../channels/send-request';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeNamePeople } from '../shared/people';
import { resolvePublicHost } from '../shared/public-host';
import { makeStoredCredential } from '../shared/stored-credential';
import { makeDeliverWebhook } from './deliver-webhook';
import { deliverWebhookEnv } from './env';

const env = parseEnv(deliverWebhookEnv);
const deliver = makeDeliverWebhook({
  url: env.URL,
  secrets: makeStoredCredential(new SecretsManagerClient({}), env.SECRET_ARN).currentAndPrevious,
  sendRequest: makeSendRequest({
    resolve: resolvePublicHost,
    loopback: env.LOOPBACK,
    timeoutMs: 10_000,
    maxAnswerBytes: 64 * 1024,
  }),
  now: () => new Date(),
});

const nameInEvent = makeNameInEvent(
  makeNamePeople({ client: makeDocumentClient(), table: env.PEOPLE_TABLE }),
);

export const handler = makeDeliverMessages({
  tell: async (_, event) => deliver(await nameInEvent(event)),
  ...makeQueueMessages(new SQSClient({}), { queue: env.QUEUE_URL, deadLetters: env.DEAD_LETTERS_URL }),
  random: Math.random,
});
