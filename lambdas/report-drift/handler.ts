import { S3Client } from '@aws-sdk/client-s3';
import { makeArtifacts } from '../runners/artifacts';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeReadArtifact } from '../shared/read-artifact';
import { makeRunStore } from '../shared/run-store';
import { reportDriftInput, reportDriftOutput } from './contract';
import { reportDriftEnv } from './env';
import { makeReportDrift } from './report-drift';

const env = parseEnv(reportDriftEnv);
const s3 = new S3Client({});

export const handler = defineStep({
  input: reportDriftInput,
  output: reportDriftOutput,
  run: makeReportDrift({
    readArtifact: makeReadArtifact(s3),
    artifacts: makeArtifacts({ s3, bucket: env.ARTIFACTS_BUCKET }),
    runs: makeRunStore({ client: makeDocumentClient(), runsTable: env.RUNS_TABLE }),
  }),
});
