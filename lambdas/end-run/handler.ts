import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeLedger } from '../shared/ledger';
import { makeRunStore } from '../shared/run-store';
import { endRunInput, endRunOutput } from './contract';
import { makeEndRun } from './end-run';
import { endRunEnv } from './env';

const env = parseEnv(endRunEnv);
const client = makeDocumentClient();

export const handler = defineStep({
  input: endRunInput,
  output: endRunOutput,
  run: makeEndRun({
    runs: makeRunStore({ client, runsTable: env.RUNS_TABLE, leasesTable: env.LEASES_TABLE }),
    ledger: makeLedger({ client, table: env.LEDGER_TABLE }),
    now: () => new Date(),
  }),
});
