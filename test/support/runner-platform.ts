import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { startEmulator } from '../../local/emulator/emulator';
import type { Progress } from '../../local/progress';
import { ensureToolchain, type Toolchain } from '../../local/toolchain/toolchain';

/** The emulator with what a runner needs: buckets, tables, a key, the tools on PATH. */
export interface RunnerPlatform {
  readonly toolchain: Toolchain;
  readonly s3: S3Client;
  readonly documents: DynamoDBDocumentClient;
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

export const startRunnerPlatform = async (options: { needHosts: boolean }): Promise<RunnerPlatform> => {
  const toolchain = await ensureToolchain(quiet, options);
  const folder = await mkdtemp(join(tmpdir(), 'runner-platform-'));
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
    s3,
    documents: DynamoDBDocumentClient.from(dynamo),
    env: {
      PATH: [toolchain.tofuBinDir, toolchain.pythonBinDir, process.env.PATH ?? ''].join(':'),
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: emulator.url,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test-secret-key-of-the-worker',
      STATE_BUCKET: stateBucket,
      STATE_KEY_ARN: await createKey(emulator.url),
      ARTIFACTS_BUCKET: artifactsBucket,
      APPROVALS_TABLE: 'approvals',
      RUNS_TABLE: 'runs',
      RUNNER_TASKS: 'terraform-plan,terraform-apply,ansible-run,compliance-scan',
      CONTENT_ROOT: join(__dirname, 'runner-content'),
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
