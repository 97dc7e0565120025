import { catalogueDigests, validateModuleVariables, validateRoleVariables } from '../shared/catalogue';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeLeaseStore } from '../shared/lease-store';
import { makeLeaseTable } from '../shared/lease-table';
import { makeLedger } from '../shared/ledger';
import { makeRunStore } from '../shared/run-store';
import { makeWorkspaceStore } from '../shared/workspace-store';
import { makeBeginRun } from './begin-run';
import { beginRunInput, beginRunOutput } from './contract';
import { beginRunEnv } from './env';

const env = parseEnv(beginRunEnv);
const client = makeDocumentClient();

export const handler = defineStep({
  input: beginRunInput,
  output: beginRunOutput,
  run: makeBeginRun({
    runs: makeRunStore({ client, runsTable: env.RUNS_TABLE }),
    leases: makeLeaseStore(
      makeLeaseTable({ client, runsTable: env.RUNS_TABLE, leasesTable: env.LEASES_TABLE }),
    ),
    ledger: makeLedger({ client, table: env.LEDGER_TABLE }),
    workspaces: makeWorkspaceStore({ client, workspacesTable: env.WORKSPACES_TABLE }),
    digests: catalogueDigests,
    validateModuleVariables,
    validateRoleVariables,
    now: () => new Date(),
  }),
});
