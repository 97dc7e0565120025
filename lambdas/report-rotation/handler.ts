import { S3Client } from '@aws-sdk/client-s3';
import { makeTableJournal } from '../rotation/table-journal';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeReadArtifact } from '../shared/read-artifact';
import { reportRotationInput, reportRotationOutput } from './contract';
import { reportRotationEnv } from './env';
import { makeReportRotation } from './report-rotation';

const env = parseEnv(reportRotationEnv);

export const handler = defineStep({
  input: reportRotationInput,
  output: reportRotationOutput,
  run: makeReportRotation({
    journal: makeTableJournal({ client: makeDocumentClient(), credentialsTable: env.CREDENTIALS_TABLE }),
    readArtifact: makeReadArtifact(new S3Client({})),
    now: () => new Date(),
  }),
});
