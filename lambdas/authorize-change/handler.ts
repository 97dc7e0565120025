import { S3Client } from '@aws-sdk/client-s3';
import { makeChangeStore } from '../shared/change-store';
import { makeReadDecision } from '../shared/decided-approval';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeFreezeStore } from '../shared/freeze-store';
import { makeLeaseStore } from '../shared/lease-store';
import { makeLeaseTable } from '../shared/lease-table';
import { makeLedger } from '../shared/ledger';
import { makePeople } from '../shared/people';
import { makeRunStore } from '../shared/run-store';
import { makeWorkspaceStore } from '../shared/workspace-store';
import { makeAuthorizeChange } from './authorize-change';
import { authorizeChangeInput, authorizeChangeOutput } from './contract';
import { authorizeChangeEnv } from './env';

const env = parseEnv(authorizeChangeEnv);
const client = makeDocumentClient();

export const handler = defineStep({
  input: authorizeChangeInput,
  output: authorizeChangeOutput,
  run: makeAuthorizeChange({
    readDecision: makeReadDecision({ client, approvalsTable: env.APPROVALS_TABLE }),
    changes: makeChangeStore({ s3: new S3Client({}), bucket: env.ARTIFACTS_BUCKET }),
    runs: makeRunStore({ client, runsTable: env.RUNS_TABLE }),
    leases: makeLeaseStore(
      makeLeaseTable({ client, runsTable: env.RUNS_TABLE, leasesTable: env.LEASES_TABLE }),
    ),
    freezes: makeFreezeStore({ client, leasesTable: env.LEASES_TABLE }),
    workspaces: makeWorkspaceStore({ client, workspacesTable: env.WORKSPACES_TABLE }),
    ledger: makeLedger({
      client,
      table: env.LEDGER_TABLE,
      people: makePeople({ client, table: env.PEOPLE_TABLE }),
    }),
    now: () => new Date(),
  }),
});
