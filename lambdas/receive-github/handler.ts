import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { makeLimitCallers } from '../shared/caller-limits';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeGithubClient } from '../shared/github-client';
import { makeGithubStore } from '../shared/github-store';
import { type ProxyEvent, readRequest, toProxyResult } from '../shared/http';
import { makeStoredCredential } from '../shared/stored-credential';
import { receiveGithubEnv } from './env';
import { makeReceiveGithub, refusal } from './receive-github';
import { webhookSecrets } from './signature';

const env = parseEnv(receiveGithubEnv);
const secretsManager = new SecretsManagerClient({});
const stepFunctions = new SFNClient({});
const now = () => new Date();
/** So that a secret that is exchanged is taken up soon. */
const fresh = { maxAgeSeconds: 60 };
const readWebhookSecret = makeStoredCredential(secretsManager, env.WEBHOOK_SECRET_ARN, fresh).current;

const start = async (workflow: string, runId: string, input: Record<string, unknown>): Promise<void> => {
  try {
    await stepFunctions.send(
      new StartExecutionCommand({
        stateMachineArn: env.STATE_MACHINES[workflow],
        name: runId,
        input: JSON.stringify(input),
      }),
    );
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ExecutionAlreadyExists')) throw error;
  }
};

const client = makeDocumentClient();
const limitCallers = makeLimitCallers({ client, table: env.LIMITS_TABLE, most: env.MOST_CALLS, now });

const receiveGithub = makeReceiveGithub({
  secrets: async () => webhookSecrets.parse(JSON.parse(await readWebhookSecret())),
  mappings: env.GITHUB_MAPPINGS,
  webUrl: env.GITHUB_WEB_URL,
  github: makeGithubClient({
    apiUrl: env.GITHUB_API_URL,
    readAppSecret: makeStoredCredential(secretsManager, env.APP_SECRET_ARN, fresh).current,
    permissions: { contents: 'read', pull_requests: 'read' },
    now,
  }),
  store: makeGithubStore({ client, table: env.GITHUB_TABLE, now }),
  start,
  now,
});

const receiveSeldom = limitCallers(
  {
    route: 'github',
    tooMany: (minutes) =>
      refusal(
        429,
        'TooManyRequests',
        `Too many deliveries from this network. Deliver it again in ${minutes} min.`,
      ),
    uncounted: () => refusal(503, 'InternalError', 'The delivery was not taken. Deliver it again.'),
  },
  receiveGithub,
);

export const handler = async (event: ProxyEvent): Promise<APIGatewayProxyResult> =>
  toProxyResult(await receiveSeldom(readRequest(event)), event.httpMethod);
