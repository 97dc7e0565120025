import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { InvokeCommand, LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { platformClients } from '../../local/platform-clients';
import type { BenchPlatform } from '../bench/bench-platform';
import { type FaultProxy, type Judge, startFaultProxy } from './fault-proxy';

/** The step that a function is, as its description says; a worker goes by the first of its tasks. */
const stepOf = ({ Description = '', Environment }: BenchPlatform['functions'][number]): string =>
  Environment?.Variables?.RUNNER_TASKS?.split(',')[0] ?? Description.replace(/^Step /, '');

/** The deployed app with a proxy between each function and the services, and how the suite looks into it. */
export const withFaults = async <T>(
  bench: BenchPlatform,
  judge: Judge,
  use: (platform: FaultPlatform) => Promise<T>,
): Promise<T> => {
  const endpoint = bench.platform.gatewayUrl;
  const settings = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const lambda = new LambdaClient(settings);
  const proxies: FaultProxy[] = [];
  try {
    const names = new Map<string, string>();
    for (const known of bench.functions.filter(({ Description = '' }) => Description.startsWith('Step '))) {
      const step = stepOf(known);
      names.set(step, known.FunctionName ?? '');
      const proxy = await startFaultProxy({ step, gatewayUrl: endpoint, judge });
      proxies.push(proxy);
      await lambda.send(
        new UpdateFunctionConfigurationCommand({
          FunctionName: known.FunctionName,
          Environment: { Variables: { ...known.Environment?.Variables, AWS_ENDPOINT_URL: proxy.url } },
        }),
      );
    }
    const { TableNames = [] } = await new DynamoDBClient(settings).send(new ListTablesCommand({}));
    const table = (part: string): string =>
      TableNames.find((name) => name.toLowerCase().includes(part)) ?? '';
    return await use({
      bench,
      ...platformClients(endpoint),
      s3: new S3Client({ ...settings, forcePathStyle: true }),
      kms: new KMSClient(settings),
      leasesTable: table('leases'),
      approvalsTable: table('approvals'),
      sweep: async (step) => {
        await lambda.send(
          new InvokeCommand({
            FunctionName: names.get(step),
            Payload: JSON.stringify({ sweep: true }),
          }),
        );
      },
    });
  } finally {
    await Promise.all(proxies.map((proxy) => proxy.close()));
  }
};

export interface FaultPlatform extends ReturnType<typeof platformClients> {
  readonly bench: BenchPlatform;
  readonly s3: S3Client;
  readonly kms: KMSClient;
  readonly leasesTable: string;
  readonly approvalsTable: string;
  /** Has a step look for what was left undone, as its schedule does from time to time. */
  sweep(step: 'reconcile-run' | 'send-callback' | 'lock-doctor'): Promise<void>;
}
