import { S3Client } from '@aws-sdk/client-s3';
import { makeChangeStore } from '../shared/change-store';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeExists } from '../shared/object-exists';
import { makeReadArtifact } from '../shared/read-artifact';
import { makeRunStore } from '../shared/run-store';
import { makeWorkspaceStore } from '../shared/workspace-store';
import { makeChooseCompensation } from './choose-compensation';
import { chooseCompensationInput, chooseCompensationOutput } from './contract';
import { chooseCompensationEnv } from './env';

const env = parseEnv(chooseCompensationEnv);
const client = makeDocumentClient();
const s3 = new S3Client({});

export const handler = defineStep({
  input: chooseCompensationInput,
  output: chooseCompensationOutput,
  run: makeChooseCompensation({
    changes: makeChangeStore({ s3, bucket: env.ARTIFACTS_BUCKET }),
    runs: makeRunStore({ client, runsTable: env.RUNS_TABLE }),
    workspaces: makeWorkspaceStore({ client, workspacesTable: env.WORKSPACES_TABLE }),
    readArtifact: makeReadArtifact(s3),
    exists: makeExists(s3, env.ARTIFACTS_BUCKET),
  }),
});
