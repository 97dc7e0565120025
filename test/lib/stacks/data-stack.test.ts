import { Match, Template } from 'aws-cdk-lib/assertions';
import { DataStack } from '../../../lib/stacks/data-stack';
import { environment, infraApp } from '../../support/infra-app';

const templateOf = (name: 'local' | 'poc' | 'prod'): Template => {
  const config = environment(name);
  return Template.fromStack(new DataStack(infraApp(), 'data', { env: { region: config.region }, config }));
};
const poc = templateOf('poc');
const prod = templateOf('prod');
const local = templateOf('local');

const stateful = ['AWS::S3::Bucket', 'AWS::DynamoDB::Table', 'AWS::KMS::Key', 'AWS::SecretsManager::Secret'];

test.each(stateful)('every %s outlives the stack, except locally', (type) => {
  poc.allResources(type, { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  local.allResources(type, { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
});

test('keys that encrypt rotate; the one that signs is asymmetric and cannot', () => {
  poc.resourceCountIs('AWS::KMS::Key', 4);
  poc.resourcePropertiesCountIs('AWS::KMS::Key', { EnableKeyRotation: true }, 3);
});

test('the key of the ledger signs, for the role with that duty alone', () => {
  poc.hasResourceProperties('AWS::KMS::Key', {
    KeySpec: 'ECC_NIST_EDWARDS25519',
    KeyUsage: 'SIGN_VERIFY',
    KeyPolicy: {
      Statement: Match.arrayWith([
        Match.objectLike({
          Effect: 'Deny',
          Principal: { AWS: '*' },
          Action: 'kms:Sign',
          Condition: { StringNotEquals: { 'aws:PrincipalTag/orchestrator:duty': 'sign-checkpoints' } },
        }),
      ]),
    },
  });
});

test('every bucket is versioned, private and owned by the account', () => {
  poc.resourceCountIs('AWS::S3::Bucket', 4);
  poc.allResourcesProperties('AWS::S3::Bucket', {
    VersioningConfiguration: { Status: 'Enabled' },
    OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
  });
});

test('state, artifacts and audit copies are encrypted with the account’s own keys', () => {
  poc.resourcePropertiesCountIs(
    'AWS::S3::Bucket',
    {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: Match.anyValue() },
          },
        ],
      },
    },
    3,
  );
});

test('every bucket refuses anything but TLS', () => {
  const policies = Object.values(poc.findResources('AWS::S3::BucketPolicy'));
  expect(policies).toHaveLength(4);
  poc.allResourcesProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({
          Action: 's3:*',
          Effect: 'Deny',
          Principal: { AWS: '*' },
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      ]),
    },
  });
});

test.each([
  ['poc', poc, 'GOVERNANCE', 30],
  ['prod', prod, 'COMPLIANCE', 3653],
] as const)('audit copies of %s are locked', (_name, template, Mode, Days) => {
  template.resourcePropertiesCountIs(
    'AWS::S3::Bucket',
    {
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode, Days } } },
    },
    1,
  );
});

test('what channels remember is forgotten, and nothing else is', () => {
  poc.resourcePropertiesCountIs(
    'AWS::DynamoDB::Table',
    { TimeToLiveSpecification: { AttributeName: 'forgetAt', Enabled: true } },
    1,
  );
});

test('every table is recoverable, encrypted with the account’s own key and paid by request', () => {
  poc.resourceCountIs('AWS::DynamoDB::Table', 8);
  poc.allResourcesProperties('AWS::DynamoDB::Table', {
    BillingMode: 'PAY_PER_REQUEST',
    DeletionProtectionEnabled: true,
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: Match.anyValue() },
  });
  local.allResourcesProperties('AWS::DynamoDB::Table', { DeletionProtectionEnabled: false });
});

test('no index of the approvals holds more than keys: no task token', () => {
  const tables = poc.findResources('AWS::DynamoDB::Table', {
    Properties: { KeySchema: [{ AttributeName: 'approvalId', KeyType: 'HASH' }] },
  });
  const indexes = Object.values(tables).flatMap(({ Properties }) => Properties.GlobalSecondaryIndexes);
  const keysOf = ({ IndexName, KeySchema }: (typeof indexes)[number]) => [
    IndexName,
    ...KeySchema.map(({ AttributeName }: { AttributeName: string }) => AttributeName),
  ];
  expect(indexes.map(keysOf)).toEqual(
    expect.arrayContaining([
      ['callback-pending', 'callbackPending', 'decidedAt'],
      ['lists', 'list', 'listAt'],
      ['asked', 'askedBy', 'askedAt'],
    ]),
  );
  expect(new Set(indexes.map(({ Projection }) => Projection.ProjectionType))).toEqual(new Set(['KEYS_ONLY']));
});

test('runs are found by workspace and by being open', () => {
  poc.hasResourceProperties('AWS::DynamoDB::Table', {
    GlobalSecondaryIndexes: [
      Match.objectLike({ IndexName: 'by-workspace' }),
      Match.objectLike({ IndexName: 'open-runs' }),
    ],
  });
});

test('the ledger streams what is written', () => {
  poc.hasResourceProperties('AWS::DynamoDB::Table', {
    KeySchema: [
      { AttributeName: 'chain', KeyType: 'HASH' },
      { AttributeName: 'seq', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: Match.arrayWith([{ AttributeName: 'seq', AttributeType: 'N' }]),
    StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
  });
});
