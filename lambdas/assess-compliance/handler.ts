import { S3Client } from '@aws-sdk/client-s3';
import { scansOfThisRelease } from '../compliance-rules/scans-of-this-release';
import { waiversOfThisRelease } from '../compliance-rules/waivers-of-this-release';
import { makeArtifacts } from '../runners/artifacts';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeImpersonalLedger } from '../shared/ledger';
import { makeReadArtifact } from '../shared/read-artifact';
import { makeWorkspaceStore } from '../shared/workspace-store';
import { makeAssessCompliance } from './assess-compliance';
import { assessComplianceInput, assessComplianceOutput } from './contract';
import { assessComplianceEnv } from './env';

const env = parseEnv(assessComplianceEnv);
const client = makeDocumentClient();
const s3 = new S3Client({});

export const handler = defineStep({
  input: assessComplianceInput,
  output: assessComplianceOutput,
  run: makeAssessCompliance({
    readArtifact: makeReadArtifact(s3),
    artifacts: makeArtifacts({ s3, bucket: env.ARTIFACTS_BUCKET }),
    workspaces: makeWorkspaceStore({ client, workspacesTable: env.WORKSPACES_TABLE }),
    ledger: makeImpersonalLedger({ client, table: env.LEDGER_TABLE }),
    waivers: waiversOfThisRelease,
    scans: scansOfThisRelease,
  }),
});
