import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { tooManyPage } from '../approval-pages/too-many-page';
import { makeFindSession } from '../identity/find-session';
import { makeSessionStore } from '../identity/session-store';
import { makeLimitCallers } from '../shared/caller-limits';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { type ProxyEvent, readRequest, toProxyResult } from '../shared/http';
import { makeStoredCredential } from '../shared/stored-credential';
import { signInEnv } from './env';
import { makeProvider } from './provider';
import { makeSignIn } from './sign-in';

const env = parseEnv(signInEnv);
const secrets = new SecretsManagerClient({});
const common = {
  signingKeys: makeStoredCredential(secrets, env.SIGNING_SECRET_ARN),
  publicUrl: env.PUBLIC_URL,
  now: () => new Date(),
};
const client = makeDocumentClient();
const sessions = makeSessionStore({ client, table: env.SESSIONS_TABLE });
const limitCallers = makeLimitCallers({
  client,
  table: env.LIMITS_TABLE,
  most: env.MOST_CALLS,
  now: common.now,
});

const signIn = makeSignIn({
  ...common,
  provider: makeProvider({
    ...common,
    ...env.PROVIDER,
    clientSecret: env.CLIENT_SECRET_ARN
      ? makeStoredCredential(secrets, env.CLIENT_SECRET_ARN).current
      : undefined,
  }),
  sessions,
  findSession: makeFindSession({ ...common, sessions, idleMinutes: env.IDLE_MINUTES }),
  people: env.PROVIDER,
  sessionMinutes: env.SESSION_MINUTES,
});

const answer = limitCallers({ route: 'sign-in', tooMany: tooManyPage }, signIn);

export const handler = async (event: ProxyEvent): Promise<APIGatewayProxyResult> =>
  toProxyResult(await answer(readRequest(event), event.resource), event.httpMethod);
