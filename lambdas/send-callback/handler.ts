import { SendTaskFailureCommand, SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeLedger } from '../shared/ledger';
import { makePeople } from '../shared/people';
import { approvalCallbacks, leaseCallbacks } from './callbacks';
import { sendCallbackInput, sendCallbackOutput } from './contract';
import { sendCallbackEnv } from './env';
import { makeApprovalOutbox, makeTicketOutbox } from './outbox';
import { makeSendCallback } from './send-callback';

const env = parseEnv(sendCallbackEnv);
const client = makeDocumentClient();
const sfn = new SFNClient({});

export const handler = defineStep({
  input: sendCallbackInput,
  output: sendCallbackOutput,
  run: makeSendCallback({
    approvals: approvalCallbacks(makeApprovalOutbox({ client, table: env.APPROVALS_TABLE })),
    leases: leaseCallbacks(makeTicketOutbox({ client, table: env.LEASES_TABLE })),
    ledger: makeLedger({
      client,
      table: env.LEDGER_TABLE,
      people: makePeople({ client, table: env.PEOPLE_TABLE }),
    }),
    resume: async (taskToken, answer) => {
      await ('output' in answer
        ? sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(answer.output) }))
        : sfn.send(new SendTaskFailureCommand({ taskToken, ...answer })));
    },
    now: () => new Date(),
  }),
});
