import { makeTableJournal } from '../rotation/table-journal';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeImpersonalLedger } from '../shared/ledger';
import { watchCredentialsInput, watchCredentialsOutput } from './contract';
import { watchCredentialsEnv } from './env';
import { makeWatchCredentials } from './watch-credentials';

const env = parseEnv(watchCredentialsEnv);
const client = makeDocumentClient();

export const handler = defineStep({
  input: watchCredentialsInput,
  output: watchCredentialsOutput,
  run: makeWatchCredentials({
    journal: makeTableJournal({ client, credentialsTable: env.CREDENTIALS_TABLE }),
    ledger: makeImpersonalLedger({ client, table: env.LEDGER_TABLE }),
    print: (line) => process.stdout.write(line),
    now: () => new Date(),
  }),
});
