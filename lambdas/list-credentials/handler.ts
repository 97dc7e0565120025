import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { scopeOf } from '../rotation/scope';
import { makeSecretsManagerStore } from '../rotation/secrets-manager-store';
import { makeTableJournal } from '../rotation/table-journal';
import { makeArtifacts } from '../runners/artifacts';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { listCredentialsInput, listCredentialsOutput } from './contract';
import { listCredentialsEnv } from './env';
import { makeListCredentials } from './list-credentials';

const env = parseEnv(listCredentialsEnv);
const scope = scopeOf(env);

export const handler = defineStep({
  input: listCredentialsInput,
  output: listCredentialsOutput,
  run: makeListCredentials({
    store: makeSecretsManagerStore(new SecretsManagerClient({}), scope),
    journal: makeTableJournal({ client: makeDocumentClient(), credentialsTable: env.CREDENTIALS_TABLE }),
    artifacts: makeArtifacts({ s3: new S3Client({}), bucket: env.ARTIFACTS_BUCKET }),
    scope,
    now: () => new Date(),
  }),
});
