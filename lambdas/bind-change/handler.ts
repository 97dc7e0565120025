import { S3Client } from '@aws-sdk/client-s3';
import { makeChangeStore } from '../shared/change-store';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeImpersonalLedger } from '../shared/ledger';
import { makeRunStore } from '../shared/run-store';
import { makeWorkspaceStore } from '../shared/workspace-store';
import { makeBindChange } from './bind-change';
import { bindChangeInput, bindChangeOutput } from './contract';
import { bindChangeEnv } from './env';

const env = parseEnv(bindChangeEnv);
const client = makeDocumentClient();

export const handler = defineStep({
  input: bindChangeInput,
  output: bindChangeOutput,
  run: makeBindChange({
    changes: makeChangeStore({ s3: new S3Client({}), bucket: env.ARTIFACTS_BUCKET }),
    runs: makeRunStore({ client, runsTable: env.RUNS_TABLE }),
    workspaces: makeWorkspaceStore({ client, workspacesTable: env.WORKSPACES_TABLE }),
    ledger: makeImpersonalLedger({ client, table: env.LEDGER_TABLE }),
  }),
});
