import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { makeFindSession } from '../identity/find-session';
import { makeSessionStore } from '../identity/session-store';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { type ProxyEvent, readRequest, toProxyResult } from '../shared/http';
import { makeReadSecret } from '../shared/read-secret';
import { signInEnv } from './env';
import { makeProvider } from './provider';
import { makeSignIn } from './sign-in';

const env = parseEnv(signInEnv);
const secrets = new SecretsManagerClient({});
const common = {
  signingSecret: makeReadSecret(secrets, env.SIGNING_SECRET_ARN),
  publicUrl: env.PUBLIC_URL,
  now: () => new Date(),
};
const sessions = makeSessionStore({ client: makeDocumentClient(), table: env.SESSIONS_TABLE });

const signIn = makeSignIn({
  ...common,
  provider: makeProvider({
    ...common,
    ...env.PROVIDER,
    clientSecret: env.CLIENT_SECRET_ARN ? makeReadSecret(secrets, env.CLIENT_SECRET_ARN) : undefined,
  }),
  sessions,
  findSession: makeFindSession({ ...common, sessions, idleMinutes: env.IDLE_MINUTES }),
  people: env.PROVIDER,
  sessionMinutes: env.SESSION_MINUTES,
});

export const handler = async (event: ProxyEvent): Promise<APIGatewayProxyResult> =>
  toProxyResult(await signIn(readRequest(event), event.resource), event.httpMethod);
