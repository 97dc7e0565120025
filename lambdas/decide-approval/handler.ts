import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { makeLoadChange } from '../approval-pages/load-change';
import { tooManyPage } from '../approval-pages/too-many-page';
import { makeIdentify } from '../identity/identify-by';
import { makeApprovalStore } from '../shared/approval-store';
import { makeLimitCallers } from '../shared/caller-limits';
import { makeChangeStore } from '../shared/change-store';
import { makeFindDelegations } from '../shared/delegation-store';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { type ProxyEvent, readRequest, toProxyResult } from '../shared/http';
import { makeLedger } from '../shared/ledger';
import { makePeople } from '../shared/people';
import { makeReadArtifact } from '../shared/read-artifact';
import { makeStoredCredential } from '../shared/stored-credential';
import { makeWakeCallback, makeWakeTending } from '../shared/wake-callback';
import { makeDecideApproval } from './decide-approval';
import { decideApprovalEnv } from './env';

const env = parseEnv(decideApprovalEnv);
const client = makeDocumentClient();
const s3 = new S3Client({});
const lambda = new LambdaClient({});

const signingKeys = makeStoredCredential(new SecretsManagerClient({}), env.SIGNING_SECRET_ARN);
const now = () => new Date();

const limitCallers = makeLimitCallers({ client, table: env.LIMITS_TABLE, most: env.MOST_CALLS, now });

const decideApproval = makeDecideApproval({
  approvals: makeApprovalStore({ client, table: env.APPROVALS_TABLE }),
  loadChange: makeLoadChange({
    changes: makeChangeStore({ s3, bucket: env.ARTIFACTS_BUCKET }),
    readArtifact: makeReadArtifact(s3),
  }),
  ledger: makeLedger({
    client,
    table: env.LEDGER_TABLE,
    people: makePeople({ client, table: env.PEOPLE_TABLE }),
  }),
  identify: makeIdentify(env.IDENTIFY_BY, { client, signingKeys, now }),
  findDelegations: makeFindDelegations({ client, table: env.APPROVALS_TABLE, people: env.APPROVERS }),
  signingKeys,
  wakeCallback: makeWakeCallback(lambda, env.SEND_CALLBACK_FUNCTION),
  wakeTending: makeWakeTending(lambda, env.TEND_APPROVALS_FUNCTION),
  now,
});

const answer = limitCallers({ route: 'answers', tooMany: tooManyPage }, decideApproval);

export const handler = async (event: ProxyEvent): Promise<APIGatewayProxyResult> =>
  toProxyResult(await answer(readRequest(event)), event.httpMethod);
