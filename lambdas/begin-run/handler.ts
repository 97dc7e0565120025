import { S3Client } from '@aws-sdk/client-s3';
import {
  catalogueDigests,
  validateModuleVariables,
  validateRoleVariables,
  validateScriptParameters,
} from '../shared/catalogue';
import { makeChangeStore } from '../shared/change-store';
import { makeReadDecision } from '../shared/decided-approval';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeFreezeStore } from '../shared/freeze-store';
import { makeLeaseStore } from '../shared/lease-store';
import { makeLeaseTable } from '../shared/lease-table';
import { makeLedger } from '../shared/ledger';
import { makeExists } from '../shared/object-exists';
import { makePeople } from '../shared/people';
import { makeRunStore } from '../shared/run-store';
import { capsOf } from '../shared/tenant-line';
import { makeWorkspaceStore } from '../shared/workspace-store';
import { makeBeginRun } from './begin-run';
import { beginRunInput, beginRunOutput } from './contract';
import { beginRunEnv } from './env';
import { makeFindReentry } from './resume-run';

const env = parseEnv(beginRunEnv);
const client = makeDocumentClient();
const s3 = new S3Client({});
const now = () => new Date();

export const handler = defineStep({
  input: beginRunInput,
  output: beginRunOutput,
  run: makeBeginRun({
    runs: makeRunStore({ client, runsTable: env.RUNS_TABLE }),
    leases: makeLeaseStore(
      makeLeaseTable({ client, runsTable: env.RUNS_TABLE, leasesTable: env.LEASES_TABLE }),
      { capOf: capsOf(env.CONCURRENCY) },
    ),
    freezes: makeFreezeStore({ client, leasesTable: env.LEASES_TABLE }),
    findReentry: makeFindReentry({
      changes: makeChangeStore({ s3, bucket: env.ARTIFACTS_BUCKET }),
      readDecision: makeReadDecision({ client, approvalsTable: env.APPROVALS_TABLE }),
      workspaces: makeWorkspaceStore({ client, workspacesTable: env.WORKSPACES_TABLE }),
      exists: makeExists(s3, env.ARTIFACTS_BUCKET),
      now,
    }),
    ledger: makeLedger({
      client,
      table: env.LEDGER_TABLE,
      people: makePeople({ client, table: env.PEOPLE_TABLE }),
    }),
    workspaces: makeWorkspaceStore({ client, workspacesTable: env.WORKSPACES_TABLE }),
    onFargate: env.ON_FARGATE,
    waiting: env.WAITING_WORKFLOWS,
    mostTimeToLiveHours: env.MOST_TIME_TO_LIVE_HOURS,
    digests: catalogueDigests,
    validateModuleVariables,
    validateRoleVariables,
    validateScriptParameters,
    now,
  }),
});
