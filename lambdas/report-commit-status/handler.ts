import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeGithubClient } from '../shared/github-client';
import { makeGithubStore } from '../shared/github-store';
import { makeRunStore } from '../shared/run-store';
import { makeStoredCredential } from '../shared/stored-credential';
import { reportCommitStatusInput, reportCommitStatusOutput } from './contract';
import { reportCommitStatusEnv } from './env';
import { makeReportCommitStatus } from './report-commit-status';

const env = parseEnv(reportCommitStatusEnv);
const client = makeDocumentClient();
const now = () => new Date();
const console = `https://${env.AWS_REGION}.console.aws.amazon.com/states/home?region=${env.AWS_REGION}#`;

export const handler = defineStep({
  input: reportCommitStatusInput,
  output: reportCommitStatusOutput,
  run: makeReportCommitStatus({
    store: makeGithubStore({ client, table: env.GITHUB_TABLE, now }),
    runs: makeRunStore({ client, runsTable: env.RUNS_TABLE }),
    github: makeGithubClient({
      apiUrl: env.GITHUB_API_URL,
      readAppSecret: makeStoredCredential(new SecretsManagerClient({}), env.APP_SECRET_ARN, {
        maxAgeSeconds: 60,
      }).current,
      permissions: { statuses: 'write' },
      now,
    }),
    runUrl: (arn) => `${console}/${arn === undefined ? 'statemachines' : `v2/executions/details/${arn}`}`,
    approvalUrl: (id) => `${env.PUBLIC_URL}/approvals/${encodeURIComponent(id)}`,
    now,
  }),
});
