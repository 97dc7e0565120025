import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { makeChangeStore } from '../shared/change-store';
import { makeReadDecision } from '../shared/decided-approval';
import { makeDocumentClient } from '../shared/document-client';
import { resolvePublicHost } from '../shared/public-host';
import { makeWorkspaceStore } from '../shared/workspace-store';
import { makeArtifacts } from './artifacts';
import type { RunnerEnv } from './env';
import { makeKeepFinalState } from './final-state';
import { makeReadGitCredentials } from './git-credentials';
import { makeFetchModule } from './git-module';
import type { HostAccess } from './host-access';
import { makeControllerHostAccess } from './host-access/controller';
import { makeEc2HostAccess } from './host-access/ec2';
import { makeEc2Api } from './host-access/ec2-api';
import { makeIssueCredentials } from './issue-credentials';
import { makeModuleMemory } from './module-memory';
import { makeRunTask } from './run-task';
import { makeRunWatch } from './run-watch';
import { makeSecretStore } from './secret-store';

const hostAccessOf = (env: RunnerEnv): HostAccess => {
  if (env.HOST_ACCESS === 'ec2') return makeEc2HostAccess({ api: makeEc2Api(), user: env.HOST_USER });
  const { HOST_CONTROLLER_URL: url, HOST_CONTROLLER_TOKEN_FILE: tokenFile } = env;
  if (url === undefined || tokenFile === undefined)
    throw new Error(
      'Environment variables missing or malformed: HOST_CONTROLLER_URL, HOST_CONTROLLER_TOKEN_FILE',
    );
  return makeControllerHostAccess({ url, tokenFile });
};

/** The runner on AWS, or on what answers like it. */
export const makeAwsRunner = (env: RunnerEnv) => {
  const emulated = env.AWS_ENDPOINT_URL !== undefined;
  const secretsManager = new SecretsManagerClient({});
  const s3 = new S3Client({ forcePathStyle: emulated });
  const client = makeDocumentClient();
  const artifacts = makeArtifacts({ s3, bucket: env.ARTIFACTS_BUCKET });
  const backend = {
    bucket: env.STATE_BUCKET,
    keyArn: env.STATE_KEY_ARN,
    region: env.AWS_REGION,
    pathStyle: emulated,
  };
  return {
    s3,
    artifacts,
    runTask: makeRunTask({
      artifacts,
      changes: makeChangeStore({ s3, bucket: env.ARTIFACTS_BUCKET }),
      readDecision: makeReadDecision({ client, approvalsTable: env.APPROVALS_TABLE }),
      workspaces: makeWorkspaceStore({ client, workspacesTable: env.WORKSPACES_TABLE }),
      hostAccess: hostAccessOf(env),
      secrets: makeSecretStore(secretsManager, env.SECRETS_PREFIX),
      contentRoot: env.CONTENT_ROOT,
      policyEnvironment: env.POLICY_ENVIRONMENT,
      fetchModule: makeFetchModule({
        sources: env.GIT_SOURCES,
        resolveHost: resolvePublicHost,
        readCredentials: makeReadGitCredentials(secretsManager),
        env: process.env,
      }),
      backend,
      keepFinalState: makeKeepFinalState({ backend, endpoint: env.AWS_ENDPOINT_URL }),
      providerMirror: env.PROVIDER_MIRROR,
      graceMs: (env.DEADLINE_MARGIN_SECONDS - 10) * 1000,
      env: process.env,
      issueCredentials: makeIssueCredentials(new LambdaClient({}), env.CREDENTIAL_BROKER),
      now: () => new Date(),
      memory: makeModuleMemory(),
      watch: makeRunWatch({ client, runsTable: env.RUNS_TABLE }),
      accepts: env.RUNNER_TASKS,
    }),
  };
};
