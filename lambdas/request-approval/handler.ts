import { setTimeout as sleep } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { makeAsk } from '../approval-mail/ask';
import { makeMailboxes } from '../approval-mail/mailbox';
import { makePacedMail } from '../approval-mail/paced-mail';
import { makeFindUnreachable } from '../approval-mail/reach';
import { approvalRules } from '../approval-rules/rules-of-this-release';
import { makeApprovalStore } from '../shared/approval-store';
import { makeChangeStore } from '../shared/change-store';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeLedger } from '../shared/ledger';
import { makePeople } from '../shared/people';
import { makePublishMail } from '../shared/publish-mail';
import { makeReadArtifact } from '../shared/read-artifact';
import { makeRunStore } from '../shared/run-store';
import { requestApprovalInput, requestApprovalOutput } from './contract';
import { requestApprovalEnv } from './env';
import { makeRequestApproval } from './request-approval';

const env = parseEnv(requestApprovalEnv);
const client = makeDocumentClient();
const s3 = new S3Client({});
const sns = new SNSClient({});
const now = () => new Date();
const approvals = makeApprovalStore({ client, table: env.APPROVALS_TABLE });

export const handler = defineStep({
  input: requestApprovalInput,
  output: requestApprovalOutput,
  run: makeRequestApproval({
    approvals,
    runs: makeRunStore({ client, runsTable: env.RUNS_TABLE }),
    changes: makeChangeStore({ s3, bucket: env.ARTIFACTS_BUCKET }),
    ledger: makeLedger({
      client,
      table: env.LEDGER_TABLE,
      people: makePeople({ client, table: env.PEOPLE_TABLE }),
    }),
    ask: makeAsk({
      approvals,
      mailboxes: makeMailboxes({ client, table: env.APPROVALS_TABLE, budget: env.MAIL_BUDGET }),
      sendMail: makePacedMail(makePublishMail(sns), { elapsedMs: () => performance.now(), sleep }),
      publicUrl: env.PUBLIC_URL,
      signIn: env.SIGN_IN,
      now,
    }),
    findUnreachable: makeFindUnreachable({ sns, now }),
    rules: approvalRules,
    readArtifact: makeReadArtifact(s3),
    environment: env.ENVIRONMENT,
    approvers: env.APPROVERS,
    signIn: env.SIGN_IN,
    now,
  }),
});
