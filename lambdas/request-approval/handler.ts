import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { approvalRules } from '../approval-rules/rules-of-this-release';
import { makeApprovalStore } from '../shared/approval-store';
import { makeChangeStore } from '../shared/change-store';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeLedger } from '../shared/ledger';
import { makePublishMail } from '../shared/publish-mail';
import { makeReadArtifact } from '../shared/read-artifact';
import { makeRunStore } from '../shared/run-store';
import { requestApprovalInput, requestApprovalOutput } from './contract';
import { requestApprovalEnv } from './env';
import { makeRequestApproval } from './request-approval';

const env = parseEnv(requestApprovalEnv);
const client = makeDocumentClient();
const s3 = new S3Client({});

export const handler = defineStep({
  input: requestApprovalInput,
  output: requestApprovalOutput,
  run: makeRequestApproval({
    approvals: makeApprovalStore({ client, table: env.APPROVALS_TABLE }),
    runs: makeRunStore({ client, runsTable: env.RUNS_TABLE }),
    changes: makeChangeStore({ s3, bucket: env.ARTIFACTS_BUCKET }),
    ledger: makeLedger({ client, table: env.LEDGER_TABLE }),
    sendMail: makePublishMail(new SNSClient({})),
    rules: approvalRules,
    readArtifact: makeReadArtifact(s3),
    environment: env.ENVIRONMENT,
    approvers: env.APPROVERS,
    publicUrl: env.PUBLIC_URL,
    now: () => new Date(),
  }),
});
