import { setTimeout as sleep } from 'node:timers/promises';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { makeAsk } from '../approval-mail/ask';
import { makeMailboxes } from '../approval-mail/mailbox';
import { makePacedMail } from '../approval-mail/paced-mail';
import { makeFindUnreachable } from '../approval-mail/reach';
import { makeApprovalStore } from '../shared/approval-store';
import { makeChangeStore } from '../shared/change-store';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeLedger } from '../shared/ledger';
import { countMetric } from '../shared/metric';
import { makePeople } from '../shared/people';
import { makePublishMail } from '../shared/publish-mail';
import { makeRunStore } from '../shared/run-store';
import { makeWakeCallback } from '../shared/wake-callback';
import { glassMetric, tendApprovalsInput, tendApprovalsOutput } from './contract';
import { tendApprovalsEnv } from './env';
import { makeSendDigest } from './send-digest';
import { makeTendApproval } from './tend-approval';
import { makeTendApprovals } from './tend-approvals';

const env = parseEnv(tendApprovalsEnv);
const client = makeDocumentClient();
const sns = new SNSClient({});
const now = () => new Date();

const approvals = makeApprovalStore({ client, table: env.APPROVALS_TABLE });
const mailboxes = makeMailboxes({ client, table: env.APPROVALS_TABLE, budget: env.MAIL_BUDGET });
const sendMail = makePacedMail(makePublishMail(sns), { elapsedMs: () => performance.now(), sleep });
const about = {
  approvals,
  changes: makeChangeStore({ s3: new S3Client({}), bucket: env.ARTIFACTS_BUCKET }),
  ask: makeAsk({ approvals, mailboxes, sendMail, publicUrl: env.PUBLIC_URL, signIn: env.SIGN_IN, now }),
  approvers: env.APPROVERS,
  now,
};
const runs = makeRunStore({ client, runsTable: env.RUNS_TABLE });

export const handler = defineStep({
  input: tendApprovalsInput,
  output: tendApprovalsOutput,
  run: makeTendApprovals({
    approvals,
    mailboxes,
    tendApproval: makeTendApproval({
      ...about,
      findUnreachable: makeFindUnreachable({ sns, now }),
      ledger: makeLedger({
        client,
        table: env.LEDGER_TABLE,
        people: makePeople({ client, table: env.PEOPLE_TABLE }),
      }),
      hasEnded: async (runId) => (await runs.get(runId))?.status === 'ended',
      wakeCallback: makeWakeCallback(new LambdaClient({}), env.SEND_CALLBACK_FUNCTION),
      sendMail,
      operationsTopicArn: env.NOTIFICATION_TOPIC_ARN,
      raiseAlarm: () => countMetric((line) => process.stdout.write(line), glassMetric, now()),
    }),
    sendDigest: makeSendDigest({ ...about, mailboxes }),
    now,
  }),
});
