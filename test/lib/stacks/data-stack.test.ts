import { Match, Template } from 'aws-cdk-lib/assertions';
import { credentialOf } from '../../../lambdas/rotation/credential';
import { strategies } from '../../../lambdas/rotation/strategies/strategies';
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

const overlapOf = (template: Template): string | undefined =>
  Object.values(template.findResources('AWS::SecretsManager::Secret'))[0]?.Properties.Tags.find(
    ({ Key }: { Key: string }) => Key === 'rotation-overlap',
  )?.Value;

test('the key of the pages is rotated by its tags, and the replaced one counts as long as what it signed may live', () => {
  poc.hasResourceProperties('AWS::SecretsManager::Secret', {
    Tags: Match.arrayWith([
      { Key: 'consumers', Value: 'approval-pages decide-approval sign-in' },
      { Key: 'owner', Value: 'orchestrator' },
      { Key: 'rotation-days', Value: '90' },
      { Key: 'rotation-strategy', Value: 'signing-key' },
    ]),
  });
  // By a link, a form counts until the approval ends, after 30 days at most; signed in, until the session does.
  expect(overlapOf(poc)).toBe(String(30 * 86_400 + 600));
  expect(overlapOf(prod)).toBe(String(60 * 60 + 600));
});

test('the tags of the key are such that its rotation can read them', () => {
  for (const template of [local, poc, prod]) {
    const [secret] = Object.values(template.findResources('AWS::SecretsManager::Secret'));
    const tags = Object.fromEntries(
      secret?.Properties.Tags.map(({ Key, Value }: { Key: string; Value: string }) => [Key, Value]),
    );
    const credential = credentialOf('page', tags);
    expect(credential.overlapSeconds).toBeGreaterThan(300);
    expect(strategies.map(({ name }) => name)).toContain(credential.strategy);
    // It is retired before it is due again.
    expect(credential.overlapSeconds).toBeLessThan(credential.days * 86_400);
  }
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
