import { S3Client } from '@aws-sdk/client-s3';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeLedger } from '../shared/ledger';
import { makePeople } from '../shared/people';
import { makeReadArtifact } from '../shared/read-artifact';
import { makeWorkspaceStore } from '../shared/workspace-store';
import { makeAcceptDrift } from './accept-drift';
import { acceptDriftOutput, acceptDriftStep } from './contract';
import { acceptDriftEnv } from './env';

const env = parseEnv(acceptDriftEnv);
const client = makeDocumentClient();

export const handler = defineStep({
  input: acceptDriftStep,
  output: acceptDriftOutput,
  run: makeAcceptDrift({
    readArtifact: makeReadArtifact(new S3Client({})),
    workspaces: makeWorkspaceStore({ client, workspacesTable: env.WORKSPACES_TABLE }),
    ledger: makeLedger({
      client,
      table: env.LEDGER_TABLE,
      people: makePeople({ client, table: env.PEOPLE_TABLE }),
    }),
  }),
});
