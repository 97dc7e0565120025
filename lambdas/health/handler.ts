import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DescribeStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { GetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { parseEnv } from '../shared/env';
import { type ProxyEvent, readRequest, toProxyResult } from '../shared/http';
import { healthEnv } from './env';
import { type Check, makeHealth } from './health';
import { type Subscriptions, topicCheck } from './topic-check';

const env = parseEnv(healthEnv);
const once = { maxAttempts: 1 };
const dynamodb = new DynamoDBClient(once);
const s3 = new S3Client(once);
const sfn = new SFNClient(once);
const sns = new SNSClient(once);
const kms = new KMSClient(once);
const secrets = new SecretsManagerClient(once);

const countSubscriptions = async (TopicArn: string, abortSignal: AbortSignal): Promise<Subscriptions> => {
  const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }), { abortSignal });
  return {
    confirmed: Number(Attributes?.SubscriptionsConfirmed ?? 0),
    pending: Number(Attributes?.SubscriptionsPending ?? 0),
  };
};

const checks: readonly Check[] = [
  {
    name: 'runs table',
    essential: true,
    run: async (abortSignal) => {
      const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: env.RUNS_TABLE }), {
        abortSignal,
      });
      return Table?.TableStatus === 'ACTIVE' ? undefined : `it is ${Table?.TableStatus ?? 'unknown'}`;
    },
  },
  {
    name: 'artifacts bucket',
    essential: true,
    run: async (abortSignal) => {
      await s3.send(new HeadBucketCommand({ Bucket: env.ARTIFACTS_BUCKET }), { abortSignal });
      return undefined;
    },
  },
  {
    name: 'state machine',
    essential: true,
    run: async (abortSignal) => {
      const command = new DescribeStateMachineCommand({ stateMachineArn: env.STATE_MACHINE_ARN });
      const { status } = await sfn.send(command, { abortSignal });
      return status === undefined || status === 'ACTIVE' ? undefined : `it is ${status}`;
    },
  },
  {
    name: 'key',
    essential: true,
    run: async (abortSignal) => {
      const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: env.KEY_ARN }), { abortSignal });
      if (KeyMetadata?.Enabled === false) throw Object.assign(new Error('disabled'), { name: 'KeyDisabled' });
      return undefined;
    },
  },
  {
    name: 'signing secret',
    essential: true,
    run: async (abortSignal) => {
      await secrets.send(new DescribeSecretCommand({ SecretId: env.SIGNING_SECRET_ARN }), { abortSignal });
      return undefined;
    },
  },
  ...env.TOPICS.map((topic) => topicCheck(topic, countSubscriptions)),
];

const health = makeHealth({
  version: env.VERSION,
  commit: env.COMMIT,
  checks,
  budgetMs: 1500,
  now: () => new Date(),
});

export const handler = async (event: ProxyEvent): Promise<APIGatewayProxyResult> =>
  toProxyResult(await health(readRequest(event)), event.httpMethod);
