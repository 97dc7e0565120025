import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { makeIdentify } from '../identity/identify-by';
import { makeTableJournal } from '../rotation/table-journal';
import { makeApprovalLists } from '../shared/approval-lists';
import { makeFindApproval } from '../shared/approval-reader';
import { makeChangeStore } from '../shared/change-store';
import { makeFindDelegations } from '../shared/delegation-store';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { type ProxyEvent, readRequest, toProxyResult } from '../shared/http';
import { makeReadArtifact } from '../shared/read-artifact';
import { makeFindRun } from '../shared/run-reader';
import { makeStoredCredential } from '../shared/stored-credential';
import { approvalPagesEnv } from './env';
import { makeLoadChange, makeReadPlanPage } from './load-change';
import { makeShowApproval } from './show-approval';
import { makeShowChanges } from './show-changes';
import { makeShowCredentials } from './show-credentials';
import { makeShowLists } from './show-lists';

const env = parseEnv(approvalPagesEnv);
const s3 = new S3Client({});
const client = makeDocumentClient();
const signingKeys = makeStoredCredential(new SecretsManagerClient({}), env.SIGNING_SECRET_ARN);
const now = () => new Date();

const readArtifact = makeReadArtifact(s3);
const approvals = { client, table: env.APPROVALS_TABLE };
const reading = {
  findApproval: makeFindApproval(approvals),
  loadChange: makeLoadChange({
    changes: makeChangeStore({ s3, bucket: env.ARTIFACTS_BUCKET }),
    readArtifact,
  }),
  identify: makeIdentify(env.IDENTIFY_BY, { client, signingKeys, now }),
};
const findDelegations = makeFindDelegations({ ...approvals, people: env.APPROVERS });
const showApproval = makeShowApproval({
  ...reading,
  findRun: makeFindRun({ client, table: env.RUNS_TABLE }),
  findDelegations,
  signingKeys,
  now,
});
const showLists = makeShowLists({
  lists: makeApprovalLists(approvals),
  identify: reading.identify,
  findDelegations,
  now,
});
const runs = env.ROTATION_RUNS;
const showCredentials = makeShowCredentials({
  journal: makeTableJournal({ client, credentialsTable: env.CREDENTIALS_TABLE }),
  identify: reading.identify,
  runUrl: runs === undefined ? null : (runId) => `${runs}${encodeURIComponent(runId)}`,
  now,
});
const showChanges = makeShowChanges({ ...reading, readPlanPage: makeReadPlanPage(readArtifact) });

export const handler = async (event: ProxyEvent): Promise<APIGatewayProxyResult> => {
  const show =
    {
      '/approvals': showLists,
      '/approvals/{approvalId}/changes': showChanges,
      '/credentials': showCredentials,
    }[event.resource] ?? showApproval;
  return toProxyResult(await show(readRequest(event)), event.httpMethod);
};
