import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { type RunRecord, runRecord } from '../lambdas/shared/run-record';

/** Clients of the emulated AWS, which knows one region and takes any credentials. */
export const platformClients = (gatewayUrl: string) => {
  const configuration = {
    endpoint: gatewayUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  return {
    stepFunctions: new SFNClient(configuration),
    cloudFormation: new CloudFormationClient(configuration),
    secretsManager: new SecretsManagerClient(configuration),
    s3: new S3Client({ ...configuration, forcePathStyle: true }),
    dynamoDb: DynamoDBDocumentClient.from(new DynamoDBClient(configuration)),
  };
};

/** What is recorded about a run; undefined when it has not got as far as that. */
export const readRunRecord = async (
  client: DynamoDBDocumentClient,
  runsTable: string,
  runId: string,
): Promise<RunRecord | undefined> => {
  const { Item } = await client.send(
    new GetCommand({ TableName: runsTable, Key: { runId }, ConsistentRead: true }),
  );
  return Item && runRecord.parse(Item);
};

/** How many runs are not ended yet, or have not given their workspace back. */
export const countOpenRuns = async (client: DynamoDBDocumentClient, runsTable: string): Promise<number> => {
  const { Count } = await client.send(
    new QueryCommand({
      TableName: runsTable,
      IndexName: 'open-runs',
      KeyConditionExpression: '#open = :one',
      ExpressionAttributeNames: { '#open': 'open' },
      ExpressionAttributeValues: { ':one': '1' },
      Select: 'COUNT',
    }),
  );
  return Count ?? 0;
};
