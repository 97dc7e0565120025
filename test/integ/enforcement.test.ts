import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { DeleteCommand, DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { type Session, sessionFor } from '../../lambdas/broker-credentials/session';
import { loadEnvironment } from '../../lib/config/load-environment';
import { type Identities, identitiesOf } from '../../scripts/identities/roles';
import { fillIn } from '../../scripts/identities/simulator';
import { aRun } from '../support/change-fixtures';
import { endFixture, type Fixture, startFixture } from '../support/emulator-fixture';
import { makeRoles } from '../support/emulator-roles';

jest.setTimeout(60_000);

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The emulator knows one account, and takes this key for its root. */
const account = '000000000000';
const rootKeys: Keys = { accessKeyId: 'test', secretAccessKey: 'test' };
const own = 'demo/web-01';
const foreign = 'other/web-01';

let fixture: Fixture;
let identities: Identities;
beforeAll(async () => {
  fixture = await startFixture({ enforcesPolicies: true });
  const found = identitiesOf(loadEnvironment('poc'));
  identities = JSON.parse(JSON.stringify(found).replaceAll(found.account, account));
  identities = { ...identities, arnOf: (place) => found.arnOf(place).replaceAll(found.account, account) };
  // The emulator knows no policy variables: roles are made as they are for the workspace of their session.
  const roles = identities.roles.map((role) => ({
    ...role,
    policies: role.policies.map((policy) => fillIn(policy, { workspace: own })),
  }));
  await makeRoles(clientsOf(rootKeys).sts, fixture.emulator.url, roles);
  const { s3, dynamo } = clientsOf(rootKeys);
  await s3.send(new CreateBucketCommand({ Bucket: bucket('State') }));
  for (const [place, key] of [
    ['Runs', 'runId'],
    ['Approvals', 'approvalId'],
    ['Ledger', 'chain'],
  ] as const)
    await dynamo.send(
      new CreateTableCommand({
        TableName: table(place),
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: key, AttributeType: 'S' }],
        KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
      }),
    );
}, 600_000);
afterAll(() => endFixture(fixture));

const lastOf = (arn: string): string => arn.replace(/^.*[:/]/, '');
const bucket = (place: string): string => lastOf(identities.arnOf(place));
const table = bucket;

const clientsOf = (credentials: Keys) => {
  const settings = { endpoint: fixture.emulator.url, region: 'eu-central-1', credentials };
  return {
    sts: new STSClient(settings),
    s3: new S3Client({ ...settings, forcePathStyle: true }),
    sfn: new SFNClient(settings),
    dynamo: DynamoDBDocumentClient.from(new DynamoDBClient(settings)),
  };
};

const assume = async (
  by: Keys,
  place: string,
  session: Partial<Pick<Session, 'name' | 'tags' | 'policy'>> = {},
): Promise<Keys> => {
  const { Credentials } = await clientsOf(by).sts.send(
    new AssumeRoleCommand({
      RoleArn: identities.arnOf(place),
      RoleSessionName: session.name ?? 'test',
      ...(session.tags && {
        Tags: Object.entries(session.tags).map(([Key, Value]) => ({ Key, Value })),
        TransitiveTagKeys: Object.keys(session.tags),
      }),
      ...(session.policy && { Policy: JSON.stringify(session.policy) }),
    }),
  );
  return {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
};

/** What a broker lends, as it asks for it. */
const lend = async (purpose: 'Plan' | 'Apply'): Promise<Keys> => {
  const broker = await assume(rootKeys, `Runner/${purpose}Credentials/Step`);
  const run = { ...aRun, workspace: own };
  const digest = 'a'.repeat(64);
  const change = { id: 'change-1', digest, ref: { bucket: 'b', key: 'k', versionId: 'v', sha256: digest } };
  const session = sessionFor(
    purpose === 'Plan' ? { purpose: 'plan', run } : { purpose: 'apply', run, change },
    identities.arnOf('State'),
  );
  return assume(broker, `Runner/${purpose}Credentials/Lent`, session);
};

const stateOf = (workspace: string) => ({
  Bucket: bucket('State'),
  Key: `${workspace}/terraform.tfstate`,
});
const denied = { name: expect.stringMatching(/^AccessDenied(Exception)?$/) };

test('what is lent to apply writes the state of its workspace, and of no other', async () => {
  const { s3 } = clientsOf(await lend('Apply'));
  await s3.send(new PutObjectCommand({ ...stateOf(own), Body: '{}' }));
  await s3.send(new GetObjectCommand(stateOf(own)));
  await expect(s3.send(new PutObjectCommand({ ...stateOf(foreign), Body: '{}' }))).rejects.toMatchObject(
    denied,
  );
  await expect(s3.send(new GetObjectCommand(stateOf(foreign)))).rejects.toMatchObject(denied);
});

test('what is lent to plan writes its lock and no state', async () => {
  const { s3 } = clientsOf(await lend('Plan'));
  const lock = { ...stateOf(own), Key: `${stateOf(own).Key}.tflock` };
  await s3.send(new PutObjectCommand({ ...lock, Body: '{}' }));
  await expect(s3.send(new PutObjectCommand({ ...stateOf(own), Body: '{}' }))).rejects.toMatchObject(denied);
  await expect(s3.send(new GetObjectCommand(stateOf(foreign)))).rejects.toMatchObject(denied);
});

test('a worker as itself reaches no state, resumes no run and becomes nobody else', async () => {
  const keys = await assume(rootKeys, 'Runner/Apply');
  const { s3, sfn } = clientsOf(keys);
  await expect(s3.send(new GetObjectCommand(stateOf(own)))).rejects.toMatchObject(denied);
  const success = new SendTaskSuccessCommand({ taskToken: 'a-token-that-leaked', output: '{}' });
  await expect(sfn.send(success)).rejects.toMatchObject(denied);
  for (const place of ['Runner/ApplyCredentials/Lent', 'Runner/PlanCredentials/Lent'])
    await expect(assume(keys, place, { tags: { workspace: own } })).rejects.toMatchObject(denied);
});

test('a broker lends its own role and not that of the other', async () => {
  const broker = await assume(rootKeys, 'Runner/PlanCredentials/Step');
  const session = { tags: { tenant: 'demo', workspace: own, change: 'none' } };
  await assume(broker, 'Runner/PlanCredentials/Lent', session);
  await expect(assume(broker, 'Runner/ApplyCredentials/Lent', session)).rejects.toMatchObject(denied);
});

test('who decides records it and cannot resume; the outbox can', async () => {
  const decide = clientsOf(await assume(rootKeys, 'Gate/DecideApproval'));
  await decide.dynamo.send(
    new UpdateCommand({
      TableName: table('Approvals'),
      Key: { approvalId: 'a' },
      UpdateExpression: 'SET decidedBy = :who',
      ExpressionAttributeValues: { ':who': 'dana' },
    }),
  );
  const success = () => new SendTaskSuccessCommand({ taskToken: 'a-token', output: '{}' });
  await expect(decide.sfn.send(success())).rejects.toMatchObject(denied);
  const outbox = clientsOf(await assume(rootKeys, 'Gate/SendCallback'));
  await expect(outbox.sfn.send(success())).rejects.not.toMatchObject(denied);
});

test('whoever appends to the ledger deletes nothing of it', async () => {
  const { dynamo } = clientsOf(await assume(rootKeys, 'Lifecycle/EndRun'));
  const TableName = table('Ledger');
  await dynamo.send(new PutCommand({ TableName, Item: { chain: 'demo' } }));
  await expect(dynamo.send(new DeleteCommand({ TableName, Key: { chain: 'demo' } }))).rejects.toMatchObject(
    denied,
  );
});

test('a key that nobody was given opens nothing', async () => {
  const { sts, s3 } = clientsOf({ accessKeyId: 'AKIAUNKNOWNUNKNOWN00', secretAccessKey: 'guessed' });
  await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toThrow();
  await expect(s3.send(new GetObjectCommand(stateOf(own)))).rejects.toThrow();
});

test('a boundary holds although somebody grants everything', async () => {
  const careless = identities.roles.find(({ name }) => name === 'Health/Step');
  if (!careless) throw new Error('no such role');
  const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
  const arn = `arn:aws:iam::${account}:role/careless`;
  await makeRoles(clientsOf(rootKeys).sts, fixture.emulator.url, [
    { ...careless, arn, policies: [everything] },
  ]);
  const { Credentials } = await clientsOf(rootKeys).sts.send(
    new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: 'test' }),
  );
  const { s3, sfn } = clientsOf({
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  });
  await s3.send(new PutObjectCommand({ ...stateOf(own), Body: '{}' }));
  const success = new SendTaskSuccessCommand({ taskToken: 'a-token', output: '{}' });
  await expect(sfn.send(success)).rejects.toMatchObject(denied);
  await expect(s3.send(new CreateBucketCommand({ Bucket: 'of-nobody' }))).rejects.toMatchObject(denied);
});
