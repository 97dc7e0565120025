import { approvalRules } from '../approval-rules/rules-of-this-release';
import { defineStep } from '../shared/define-step';
import { makeDelegationStore } from '../shared/delegation-store';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeLedger } from '../shared/ledger';
import { makePeople } from '../shared/people';
import { setDelegationInput, setDelegationOutput } from './contract';
import { setDelegationEnv } from './env';
import { makeSetDelegation } from './set-delegation';

const env = parseEnv(setDelegationEnv);
const client = makeDocumentClient();

export const handler = defineStep({
  input: setDelegationInput,
  output: setDelegationOutput,
  run: makeSetDelegation({
    delegations: makeDelegationStore({ client, table: env.APPROVALS_TABLE }),
    ledger: makeLedger({
      client,
      table: env.LEDGER_TABLE,
      people: makePeople({ client, table: env.PEOPLE_TABLE }),
    }),
    rules: approvalRules,
    people: env.APPROVERS,
    now: () => new Date(),
  }),
});
