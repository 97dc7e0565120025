import { LambdaClient } from '@aws-sdk/client-lambda';
import { makeApprovalStore } from '../shared/approval-store';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeLedger } from '../shared/ledger';
import { makePeople } from '../shared/people';
import { makeRunStore } from '../shared/run-store';
import { makeWakeCallback } from '../shared/wake-callback';
import { recordStarterInput, recordStarterOutput } from './contract';
import { recordStarterEnv } from './env';
import { makeRecordStarter } from './record-starter';

const env = parseEnv(recordStarterEnv);
const client = makeDocumentClient();

export const handler = defineStep({
  input: recordStarterInput,
  output: recordStarterOutput,
  run: makeRecordStarter({
    runs: makeRunStore({ client, runsTable: env.RUNS_TABLE }),
    approvals: makeApprovalStore({ client, table: env.APPROVALS_TABLE }),
    ledger: makeLedger({
      client,
      table: env.LEDGER_TABLE,
      people: makePeople({ client, table: env.PEOPLE_TABLE }),
    }),
    wakeCallback: makeWakeCallback(new LambdaClient({}), env.SEND_CALLBACK_FUNCTION),
    account: env.ACCOUNT_ID,
    principals: env.PRINCIPALS,
    ownStarters: env.OWN_STARTERS,
    people: env.PEOPLE,
    now: () => new Date(),
  }),
});
