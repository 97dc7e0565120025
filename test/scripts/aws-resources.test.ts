import { inventory, type Resource } from '../../scripts/aws-resources/inventory';
import { resourcesPage } from '../../scripts/aws-resources/page';

const at = (path: string, Type: string, Properties: Record<string, unknown> = {}): Resource => ({
  Type,
  Properties,
  Metadata: { 'aws:cdk:path': `orchestrator-poc-data/${path}/Resource` },
});
const one = (resource: Resource) => inventory([{ stack: 'data', resources: { Id: resource } }])[0];

test('a resource of a kind that nobody described is an error that says where to describe it', () => {
  expect(() => one(at('Disk', 'AWS::EFS::FileSystem'))).toThrow(
    'scripts/aws-resources/types.ts does not say what a AWS::EFS::FileSystem is for and costs.',
  );
});

test('a table, a bucket, a queue or a function that says nothing of itself is an error', () => {
  for (const type of [
    'DynamoDB::Table',
    'S3::Bucket',
    'SQS::Queue',
    'SNS::Topic',
    'Lambda::Function',
    'KMS::Key',
  ])
    expect(() => one(at('New', `AWS::${type}`))).toThrow(
      `scripts/aws-resources/purposes.ts does not say what the AWS::${type} at New is for.`,
    );
});

test('a step’s name is no purpose; a description and a comment of a workflow are', () => {
  expect(() => one(at('New/Function', 'AWS::Lambda::Function', { Description: 'Step new' }))).toThrow(
    'at New is',
  );
  expect(one(at('New', 'AWS::KMS::Key', { Description: 'Signs things' }))?.purpose).toBe('Signs things.');
  const DefinitionString = { 'Fn::Join': ['', ['{"Comment":"Undoes it. Then more.","StartAt":"a"}']] };
  expect(one(at('New/StateMachine', 'AWS::StepFunctions::StateMachine', { DefinitionString }))).toMatchObject(
    {
      path: 'New',
      purpose: 'Undoes it.',
    },
  );
});

test('encryption, what is kept, idle cost and who reaches it are read from the template', () => {
  expect(
    one({
      ...at('Audit', 'AWS::S3::Bucket', {
        BucketEncryption: { KMSMasterKeyID: { 'Fn::GetAtt': ['DataKey17AFBB84', 'Arn'] } },
        ObjectLockConfiguration: { Rule: { DefaultRetention: { Days: 30, Mode: 'GOVERNANCE' } } },
      }),
      DeletionPolicy: 'Retain',
    }),
  ).toMatchObject({
    encryption: '`DataKey`',
    retention: 'locked 30 days (governance); outlives the stack',
    exposed: '',
  });
  expect(one(at('Alarms', 'AWS::SNS::Topic'))?.encryption).toBe('none');
  expect(one(at('Acl', 'AWS::WAFv2::WebACL', { Rules: [{}, {}] }))?.idleDollars).toBe(7);
  const [, health] = inventory([
    {
      stack: 'orchestrator',
      resources: {
        Permission: {
          Type: 'AWS::Lambda::Permission',
          Properties: {
            Principal: 'apigateway.amazonaws.com',
            FunctionName: { 'Fn::GetAtt': ['Fn', 'Arn'] },
          },
        },
        Fn: at('Health/Step/Function', 'AWS::Lambda::Function', { Description: 'Step health' }),
      },
    },
  ]);
  expect(health?.exposed).toBe('through the API');
});

test('what differs between environments is told by name, what only one has says so', () => {
  const logs = (days: number) => ({ Logs: at('Logs', 'AWS::Logs::LogGroup', { RetentionInDays: days }) });
  const bucket = (days: number) => ({
    State: at('State', 'AWS::S3::Bucket', {
      LifecycleConfiguration: { Rules: [{ ExpirationInDays: days }] },
    }),
  });
  const page = resourcesPage({
    poc: inventory([{ stack: 'data', resources: { ...bucket(10), ...logs(30) } }]),
    prod: inventory([
      { stack: 'data', resources: { ...bucket(99), Runs: at('Runs', 'AWS::DynamoDB::Table') } },
    ]),
  });
  expect(page).toContain(
    '| `State` | S3::Bucket | Terraform’s states, and plans. | the service’s key | poc: 10 days<br>prod: 99 days | no |',
  );
  expect(page).toContain('| `Runs` (prod only) |');
  expect(page).toMatch(/\| Logs::LogGroup \| 1 \| 0 \|/);
});
