import { makeApprovalStore } from '../shared/approval-store';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeLedger } from '../shared/ledger';
import { makePeople } from '../shared/people';
import { makeCloseApproval } from './close-approval';
import { closeApprovalInput, closeApprovalOutput } from './contract';
import { closeApprovalEnv } from './env';

const env = parseEnv(closeApprovalEnv);
const client = makeDocumentClient();

export const handler = defineStep({
  input: closeApprovalInput,
  output: closeApprovalOutput,
  run: makeCloseApproval({
    approvals: makeApprovalStore({ client, table: env.APPROVALS_TABLE }),
    ledger: makeLedger({
      client,
      table: env.LEDGER_TABLE,
      people: makePeople({ client, table: env.PEOPLE_TABLE }),
    }),
    now: () => new Date(),
  }),
});
