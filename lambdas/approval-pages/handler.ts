import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { makeFindApproval } from '../shared/approval-reader';
import { makeChangeStore } from '../shared/change-store';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { type ProxyEvent, readRequest, toProxyResult } from '../shared/http';
import { makeReadArtifact } from '../shared/read-artifact';
import { makeReadSecret } from '../shared/read-secret';
import { approvalPagesEnv } from './env';
import { makeLoadChange } from './load-change';
import { makeShowApproval } from './show-approval';

const env = parseEnv(approvalPagesEnv);
const s3 = new S3Client({});

const showApproval = makeShowApproval({
  findApproval: makeFindApproval({ client: makeDocumentClient(), table: env.APPROVALS_TABLE }),
  loadChange: makeLoadChange({
    changes: makeChangeStore({ s3, bucket: env.ARTIFACTS_BUCKET }),
    readArtifact: makeReadArtifact(s3),
  }),
  signingSecret: makeReadSecret(new SecretsManagerClient({}), env.SIGNING_SECRET_ARN),
  now: () => new Date(),
});

export const handler = async (event: ProxyEvent): Promise<APIGatewayProxyResult> =>
  toProxyResult(await showApproval(readRequest(event)), event.httpMethod);
