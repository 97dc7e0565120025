import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { makeChannelMemory } from '../channels/channel-memory';
import { makeSendRequest } from '../channels/send-request';
import { makeLimitCallers } from '../shared/caller-limits';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { type ProxyEvent, readRequest, toProxyResult } from '../shared/http';
import { resolvePublicHost } from '../shared/public-host';
import { makeStoredCredential } from '../shared/stored-credential';
import { slackInteractionsEnv } from './env';
import { answer, makeSlackInteractions } from './slack-interactions';

const env = parseEnv(slackInteractionsEnv);
const now = () => new Date();

const client = makeDocumentClient();
const limitCallers = makeLimitCallers({ client, table: env.LIMITS_TABLE, most: env.MOST_CALLS, now });

const interact = makeSlackInteractions({
  signingKeys: makeStoredCredential(new SecretsManagerClient({}), env.SLACK_SIGNING_SECRET_ARN),
  memory: makeChannelMemory({ client, table: env.CHANNELS_TABLE, now }),
  sendRequest: makeSendRequest({
    resolve: resolvePublicHost,
    loopback: env.LOOPBACK,
    // Slack waits three seconds for the whole answer.
    timeoutMs: 1500,
    maxAnswerBytes: 64 * 1024,
  }),
  publicUrl: env.PUBLIC_URL,
  answersOrigin: env.ANSWERS_ORIGIN,
  now,
});

const interactSeldom = limitCallers(
  {
    route: 'slack',
    tooMany: (minutes) =>
      answer(429, `Too many requests from this network. Nothing was done. Wait ${minutes} min.`),
    uncounted: () => answer(503, 'Nothing was done. Try again in a moment.'),
  },
  interact,
);

export const handler = async (event: ProxyEvent): Promise<APIGatewayProxyResult> =>
  toProxyResult(await interactSeldom(readRequest(event)), event.httpMethod);
