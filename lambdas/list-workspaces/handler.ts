import { S3Client } from '@aws-sdk/client-s3';
import { makeArtifacts } from '../runners/artifacts';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeWorkspaceStore } from '../shared/workspace-store';
import { listWorkspacesInput, listWorkspacesOutput } from './contract';
import { listWorkspacesEnv } from './env';
import { makeListWorkspaces } from './list-workspaces';

const env = parseEnv(listWorkspacesEnv);

export const handler = defineStep({
  input: listWorkspacesInput,
  output: listWorkspacesOutput,
  run: makeListWorkspaces({
    workspaces: makeWorkspaceStore({
      client: makeDocumentClient(),
      workspacesTable: env.WORKSPACES_TABLE,
    }),
    artifacts: makeArtifacts({ s3: new S3Client({}), bucket: env.ARTIFACTS_BUCKET }),
  }),
});
