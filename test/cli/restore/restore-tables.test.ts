import {
  CloudFormationClient,
  ListStackResourcesCommand,
  type StackResourceSummary,
} from '@aws-sdk/client-cloudformation';
import {
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  PutItemCommand,
  RestoreTableToPointInTimeCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { readDataStack } from '../../../cli/restore/data-stack';
import { restoreTables } from '../../../cli/restore/restore-tables';

const dynamoDb = mockClient(DynamoDBClient);
const cloudFormation = mockClient(CloudFormationClient);
const pointInTime = new Date('2026-11-20T09:00:00Z');
const restore = () =>
  restoreTables({
    client: new DynamoDBClient({ region: 'eu-central-1' }),
    tables: { Runs: 'the-runs', Ledger: 'the-ledger', Leases: 'the-leases' },
    source: { pointInTime },
    replace: false,
    now: new Date('2026-11-21T10:11:12Z'),
  });
const copy = 'the-runs-restored-20261121101112';

beforeEach(() => {
  dynamoDb.reset();
  dynamoDb
    .on(DescribeTableCommand)
    .resolves({ Table: { TableStatus: 'ACTIVE', KeySchema: [{ AttributeName: 'runId', KeyType: 'HASH' }] } });
  dynamoDb.on(ScanCommand).resolves({ Items: [{ runId: { S: 'one' } }] });
});

test('a point in time is restored beside the table, copied over and taken away; ledger and leases are not', async () => {
  expect(await restore()).toEqual({ Runs: { restored: 1, same: 0, changed: 0 } });
  expect(dynamoDb.commandCalls(RestoreTableToPointInTimeCommand).map(({ args }) => args[0].input)).toEqual([
    {
      SourceTableName: 'the-runs',
      TargetTableName: copy,
      RestoreDateTime: pointInTime,
      GlobalSecondaryIndexOverride: [],
    },
  ]);
  expect(dynamoDb.commandCalls(PutItemCommand, { TableName: 'the-runs' })).toHaveLength(1);
  expect(dynamoDb.commandCalls(DeleteTableCommand).map(({ args }) => args[0].input)).toEqual([
    { TableName: copy },
  ]);
});

test('the copy is taken away although copying failed', async () => {
  dynamoDb.on(PutItemCommand).rejects(new Error('throttled'));
  await expect(restore()).rejects.toThrow('throttled');
  expect(dynamoDb.commandCalls(DeleteTableCommand)).toHaveLength(1);
});

describe('what is restored', () => {
  const resource = (LogicalResourceId: string, ResourceType: string): StackResourceSummary => ({
    LogicalResourceId,
    ResourceType,
    PhysicalResourceId: `physical-${LogicalResourceId}`,
    ResourceStatus: 'CREATE_COMPLETE',
    LastUpdatedTimestamp: pointInTime,
  });
  const read = (resources: StackResourceSummary[]) => {
    cloudFormation.reset();
    cloudFormation
      .on(ListStackResourcesCommand, { StackName: 'orchestrator-poc-data' })
      .resolves({ StackResourceSummaries: resources });
    return readDataStack(new CloudFormationClient({ region: 'eu-central-1' }), 'poc');
  };

  it('is found by its name in the stack', async () => {
    const found = await read([
      resource('Runs0A1B2C3D', 'AWS::DynamoDB::Table'),
      resource('StateFEDCBA98', 'AWS::S3::Bucket'),
      resource('StatePolicyFEDCBA98', 'AWS::S3::BucketPolicy'),
      resource('Audit01234567', 'AWS::S3::Bucket'),
    ]);
    expect(found).toEqual({
      tables: { Runs: 'physical-Runs0A1B2C3D' },
      stateBucket: 'physical-StateFEDCBA98',
      auditBucket: 'physical-Audit01234567',
    });
  });

  it('is not there in another stack', async () => {
    await expect(read([])).rejects.toThrow('The stack orchestrator-poc-data in this account and region');
  });
});
