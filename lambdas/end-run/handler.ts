import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { makeArtifacts } from '../runners/artifacts';
import { applyResult } from '../runners/contract';
import { applyPrefix } from '../shared/change-results';
import { makeChangeStore } from '../shared/change-store';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeLeaseStore } from '../shared/lease-store';
import { makeLeaseTable } from '../shared/lease-table';
import { makeImpersonalLedger } from '../shared/ledger';
import { makeRunStore } from '../shared/run-store';
import { makeWakeCallback } from '../shared/wake-callback';
import { makeWorkspaceStore } from '../shared/workspace-store';
import { endRunInput, endRunOutput } from './contract';
import { makeEndRun } from './end-run';
import { endRunEnv } from './env';

const env = parseEnv(endRunEnv);
const client = makeDocumentClient();
const s3 = new S3Client({});
const artifacts = makeArtifacts({ s3, bucket: env.ARTIFACTS_BUCKET });

export const handler = defineStep({
  input: endRunInput,
  output: endRunOutput,
  run: makeEndRun({
    runs: makeRunStore({ client, runsTable: env.RUNS_TABLE }),
    leases: makeLeaseStore(
      makeLeaseTable({ client, runsTable: env.RUNS_TABLE, leasesTable: env.LEASES_TABLE }),
    ),
    changes: makeChangeStore({ s3, bucket: env.ARTIFACTS_BUCKET }),
    findApplyResult: async (change) => {
      const text = await artifacts.find(`${applyPrefix(change)}.json`);
      return text === undefined ? undefined : applyResult.parse(JSON.parse(text));
    },
    workspaces: makeWorkspaceStore({ client, workspacesTable: env.WORKSPACES_TABLE }),
    ledger: makeImpersonalLedger({ client, table: env.LEDGER_TABLE }),
    wakeCallback: makeWakeCallback(new LambdaClient({}), env.SEND_CALLBACK_FUNCTION),
    now: () => new Date(),
  }),
});
