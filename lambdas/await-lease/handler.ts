import { LambdaClient } from '@aws-sdk/client-lambda';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeLeaseStore } from '../shared/lease-store';
import { makeLeaseTable } from '../shared/lease-table';
import { makeImpersonalLedger } from '../shared/ledger';
import { makeRunStore } from '../shared/run-store';
import { capsOf } from '../shared/tenant-line';
import { makeWakeCallback } from '../shared/wake-callback';
import { makeAwaitLease } from './await-lease';
import { awaitLeaseInput, awaitLeaseOutput } from './contract';
import { awaitLeaseEnv } from './env';

const env = parseEnv(awaitLeaseEnv);
const client = makeDocumentClient();

export const handler = defineStep({
  input: awaitLeaseInput,
  output: awaitLeaseOutput,
  run: makeAwaitLease({
    runs: makeRunStore({ client, runsTable: env.RUNS_TABLE }),
    leases: makeLeaseStore(
      makeLeaseTable({ client, runsTable: env.RUNS_TABLE, leasesTable: env.LEASES_TABLE }),
      { capOf: capsOf(env.CONCURRENCY) },
    ),
    ledger: makeImpersonalLedger({ client, table: env.LEDGER_TABLE }),
    wakeCallback: makeWakeCallback(new LambdaClient({}), env.SEND_CALLBACK_FUNCTION),
    now: () => new Date(),
  }),
});
