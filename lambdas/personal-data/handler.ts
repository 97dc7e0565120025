import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeLedger } from '../shared/ledger';
import { makePeople } from '../shared/people';
import { personalDataInput, personalDataOutput } from './contract';
import { personalDataEnv } from './env';
import { makeKnownPeople } from './known-people';
import { approvalsSource } from './of-approvals';
import { freezesSource, ledgerSource, sessionsSource } from './of-other-tables';
import { runsSource } from './of-runs';
import { makePersonalData } from './personal-data';

const env = parseEnv(personalDataEnv);
const client = makeDocumentClient();
const now = () => new Date();
const people = makePeople({ client, table: env.PEOPLE_TABLE });

export const handler = defineStep({
  input: personalDataInput,
  output: personalDataOutput,
  run: makePersonalData({
    client,
    sources: [
      // Runs first: they tell under which other names somebody is known.
      runsSource({ client, now, table: env.RUNS_TABLE }),
      approvalsSource({ client, now, table: env.APPROVALS_TABLE }),
      freezesSource({ client, now, table: env.LEASES_TABLE }),
      ...(env.SESSIONS_TABLE === 'none' ? [] : [sessionsSource({ client, now, table: env.SESSIONS_TABLE })]),
    ],
    ledgerSource: (references) => ledgerSource({ table: env.LEDGER_TABLE }, references),
    known: makeKnownPeople({ client, now, table: env.PEOPLE_TABLE }),
    people,
    ledger: makeLedger({ client, table: env.LEDGER_TABLE, people }),
    now,
  }),
});
