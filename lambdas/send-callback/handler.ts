import { SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeLedger } from '../shared/ledger';
import { sendCallbackInput, sendCallbackOutput } from './contract';
import { sendCallbackEnv } from './env';
import { makeOutbox } from './outbox';
import { makeSendCallback } from './send-callback';

const env = parseEnv(sendCallbackEnv);
const client = makeDocumentClient();
const sfn = new SFNClient({});

export const handler = defineStep({
  input: sendCallbackInput,
  output: sendCallbackOutput,
  run: makeSendCallback({
    outbox: makeOutbox({ client, table: env.APPROVALS_TABLE }),
    ledger: makeLedger({ client, table: env.LEDGER_TABLE }),
    resume: async (taskToken, decision) => {
      await sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(decision) }));
    },
    now: () => new Date(),
  }),
});
