import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeFreezeStore } from '../shared/freeze-store';
import { makeLedger } from '../shared/ledger';
import { makePeople } from '../shared/people';
import { setFreezeOutput, setFreezeStep } from './contract';
import { setFreezeEnv } from './env';
import { makeSetFreeze } from './set-freeze';

const env = parseEnv(setFreezeEnv);
const client = makeDocumentClient();

export const handler = defineStep({
  input: setFreezeStep,
  output: setFreezeOutput,
  run: makeSetFreeze({
    freezes: makeFreezeStore({ client, leasesTable: env.LEASES_TABLE }),
    ledger: makeLedger({
      client,
      table: env.LEDGER_TABLE,
      people: makePeople({ client, table: env.PEOPLE_TABLE }),
    }),
  }),
});
