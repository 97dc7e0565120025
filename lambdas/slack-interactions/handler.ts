import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { makeChannelMemory } from '../channels/channel-memory';
import { makeSendRequest } from '../channels/send-request';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { type ProxyEvent, readRequest, toProxyResult } from '../shared/http';
import { resolvePublicHost } from '../shared/public-host';
import { makeReadSecret } from '../shared/read-secret';
import { slackInteractionsEnv } from './env';
import { makeSlackInteractions } from './slack-interactions';

const env = parseEnv(slackInteractionsEnv);
const now = () => new Date();

const interact = makeSlackInteractions({
  signingSecret: makeReadSecret(new SecretsManagerClient({}), env.SLACK_SIGNING_SECRET_ARN, {
    maxAgeSeconds: 300,
  }),
  memory: makeChannelMemory({ client: makeDocumentClient(), table: env.CHANNELS_TABLE, now }),
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

export const handler = async (event: ProxyEvent): Promise<APIGatewayProxyResult> =>
  toProxyResult(await interact(readRequest(event)), event.httpMethod);
