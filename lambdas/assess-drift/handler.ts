import { S3Client } from '@aws-sdk/client-s3';
import { makeArtifacts } from '../runners/artifacts';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeImpersonalLedger } from '../shared/ledger';
import { makeReadArtifact } from '../shared/read-artifact';
import { makeWorkspaceStore } from '../shared/workspace-store';
import { makeAssessDrift } from './assess-drift';
import { assessDriftInput, assessDriftOutput } from './contract';
import { assessDriftEnv } from './env';

const env = parseEnv(assessDriftEnv);
const client = makeDocumentClient();
const s3 = new S3Client({});

export const handler = defineStep({
  input: assessDriftInput,
  output: assessDriftOutput,
  run: makeAssessDrift({
    readArtifact: makeReadArtifact(s3),
    artifacts: makeArtifacts({ s3, bucket: env.ARTIFACTS_BUCKET }),
    workspaces: makeWorkspaceStore({ client, workspacesTable: env.WORKSPACES_TABLE }),
    ledger: makeImpersonalLedger({ client, table: env.LEDGER_TABLE }),
  }),
});
