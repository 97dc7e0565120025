import { S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, type AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts';
import { makeChangeStore } from '../shared/change-store';
import { makeReadDecision } from '../shared/decided-approval';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeLeaseStore } from '../shared/lease-store';
import { makeLeaseTable } from '../shared/lease-table';
import { makeLedger } from '../shared/ledger';
import { makePeople } from '../shared/people';
import { makeRunStore } from '../shared/run-store';
import { makeWorkspaceStore } from '../shared/workspace-store';
import { makeBrokerCredentials } from './broker-credentials';
import { brokerInput, issuedCredentials, type TemporaryCredentials, temporaryCredentials } from './contract';
import { brokerCredentialsEnv } from './env';
import type { Session } from './session';

const env = parseEnv(brokerCredentialsEnv);
const client = makeDocumentClient();
const sts = new STSClient({});

const assume = async ({
  name,
  tags,
  ...about
}: Pick<Session, 'name' | 'tags'> &
  Pick<AssumeRoleCommandInput, 'RoleArn' | 'Policy' | 'ExternalId'>): Promise<TemporaryCredentials> => {
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({
      ...about,
      RoleSessionName: name,
      SourceIdentity: name,
      // An hour is the most that a role gets which assumes another.
      DurationSeconds: 3600,
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      // They stay on when the provider goes on into another account.
      TransitiveTagKeys: Object.keys(tags),
    }),
  );
  return temporaryCredentials.parse({
    accessKeyId: Credentials?.AccessKeyId,
    secretAccessKey: Credentials?.SecretAccessKey,
    sessionToken: Credentials?.SessionToken,
    expiration: Credentials?.Expiration?.toISOString(),
  });
};

export const handler = defineStep({
  input: brokerInput,
  output: issuedCredentials,
  run: makeBrokerCredentials({
    purpose: env.PURPOSE,
    stateBucketArn: env.STATE_BUCKET_ARN,
    readDecision: makeReadDecision({ client, approvalsTable: env.APPROVALS_TABLE }),
    changes: makeChangeStore({ s3: new S3Client({}), bucket: env.ARTIFACTS_BUCKET }),
    runs: makeRunStore({ client, runsTable: env.RUNS_TABLE }),
    workspaces: makeWorkspaceStore({ client, workspacesTable: env.WORKSPACES_TABLE }),
    leases: makeLeaseStore(
      makeLeaseTable({ client, runsTable: env.RUNS_TABLE, leasesTable: env.LEASES_TABLE }),
    ),
    targets: env.TARGETS,
    assumeRole: ({ policy, ...session }) =>
      assume({ ...session, RoleArn: env.ROLE_ARN, Policy: JSON.stringify(policy) }),
    assumeTarget: ({ arn, externalId, ...session }) =>
      assume({ ...session, RoleArn: arn, ExternalId: externalId }),
    ledger: makeLedger({
      client,
      table: env.LEDGER_TABLE,
      people: makePeople({ client, table: env.PEOPLE_TABLE }),
    }),
    now: () => new Date(),
  }),
});
