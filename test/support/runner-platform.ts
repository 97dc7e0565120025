import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { startEmulator } from '../../local/emulator/emulator';
import type { Progress } from '../../local/progress';
import { ensureToolchain, type Toolchain } from '../../local/toolchain/toolchain';
import { zipOf } from './emulator-fixture';

/** The emulator with what a runner needs: buckets, tables, a key, the tools on PATH. */
export interface RunnerPlatform {
  readonly toolchain: Toolchain;
  readonly s3: S3Client;
  readonly documents: DynamoDBDocumentClient;
  /** A content like the runner's own, whose policy lets modules have provisioners: they last as long as a test wants. */
  readonly permissiveContent: string;
  /** What a deployment of the runner has in its environment. */
  readonly env: Record<string, string>;
  stop(): Promise<void>;
}

const quiet: Progress = { step: (_title, run) => run(() => undefined), line: () => undefined };
const stateBucket = 'runner-test-state';
const artifactsBucket = 'runner-test-artifacts';

const createKey = async (url: string): Promise<string> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'TrentService.CreateKey',
      authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/kms/aws4_request',
    },
    body: '{}',
  });
  const { KeyMetadata } = (await response.json()) as { KeyMetadata: { Arn: string } };
  return KeyMetadata.Arn;
};

/** The tests' own modules and roles, under the repository's policies. */
const layContent = async (folder: string): Promise<void> => {
  await cp(join(__dirname, 'runner-content'), folder, { recursive: true });
  await cp(join(__dirname, '../../policies'), join(folder, 'policies'), { recursive: true });
};

const allowProvisioners = async (content: string): Promise<void> => {
  const file = join(content, 'policies/plan/data.json');
  const data = JSON.parse(await readFile(file, 'utf8'));
  data.settings.provisioners = ['local-exec'];
  await writeFile(file, JSON.stringify(data));
};

/** Lends the emulator's own key to whoever asks; what the real one checks has tests of its own. */
const generousBroker = `exports.handler = async () => ({
  accessKeyId: 'test-access-key-id',
  secretAccessKey: 'test-secret-key-that-is-lent',
  sessionToken: 'test-session-token-that-is-lent',
  expiration: new Date(Date.now() + 3_600_000).toISOString(),
});`;

const createBroker = async (client: LambdaClient, code: Uint8Array): Promise<string> => {
  const FunctionName = 'credential-broker';
  await client.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'nodejs20.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/credential-broker',
      Code: { ZipFile: code },
    }),
  );
  client.destroy();
  return FunctionName;
};

export const startRunnerPlatform = async (options: { needHosts: boolean }): Promise<RunnerPlatform> => {
  const toolchain = await ensureToolchain(quiet, options);
  const folder = await mkdtemp(join(tmpdir(), 'runner-platform-'));
  const content = join(folder, 'content');
  const permissiveContent = join(folder, 'permissive-content');
  await layContent(content);
  await layContent(permissiveContent);
  await allowProvisioners(permissiveContent);
  const emulator = await startEmulator({
    toolchain,
    stateDir: folder,
    logFile: join(folder, 'emulator.log'),
  });
  const client = {
    endpoint: emulator.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  for (const Bucket of [stateBucket, artifactsBucket]) {
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  }
  const dynamo = new DynamoDBClient(client);
  for (const [TableName, key] of [
    ['runs', 'runId'],
    ['approvals', 'approvalId'],
    ['workspaces', 'workspace'],
  ] as const)
    await dynamo.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: key, AttributeType: 'S' }],
        KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
      }),
    );
  return {
    toolchain,
    permissiveContent,
    s3,
    documents: DynamoDBDocumentClient.from(dynamo),
    env: {
      PATH: [toolchain.tofuBinDir, toolchain.opaBinDir, toolchain.pythonBinDir, process.env.PATH ?? ''].join(
        ':',
      ),
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: emulator.url,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test-secret-key-of-the-worker',
      STATE_BUCKET: stateBucket,
      STATE_KEY_ARN: await createKey(emulator.url),
      ARTIFACTS_BUCKET: artifactsBucket,
      APPROVALS_TABLE: 'approvals',
      RUNS_TABLE: 'runs',
      WORKSPACES_TABLE: 'workspaces',
      RUNNER_TASKS: 'terraform-plan,terraform-apply,ansible-run,compliance-scan',
      CONTENT_ROOT: content,
      CREDENTIAL_BROKER: await createBroker(
        new LambdaClient(client),
        zipOf({ folder, tools: toolchain }, 'credential-broker', generousBroker),
      ),
      HOST_ACCESS: 'controller',
    },
    stop: async () => {
      s3.destroy();
      dynamo.destroy();
      await emulator.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
