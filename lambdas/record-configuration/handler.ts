import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeImpersonalLedger } from '../shared/ledger';
import { everyTenant } from '../shared/ledger-event';
import { recordConfigurationInput, recordConfigurationOutput } from './contract';
import { recordConfigurationEnv } from './env';
import { makeNewestEntry } from './newest-entry';
import { makeRecordConfiguration } from './record-configuration';

const env = parseEnv(recordConfigurationEnv);
const client = makeDocumentClient();

export const handler = defineStep({
  input: recordConfigurationInput,
  output: recordConfigurationOutput,
  run: makeRecordConfiguration({
    inForce: env.IN_FORCE,
    newest: makeNewestEntry({ client, table: env.LEDGER_TABLE, tenant: everyTenant }),
    ledger: makeImpersonalLedger({ client, table: env.LEDGER_TABLE }),
    now: () => new Date(),
  }),
});
