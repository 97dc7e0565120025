import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { sessionFor } from '../../lambdas/broker-credentials/session';
import { aRun } from '../support/change-fixtures';
import { denied, type Keys, startEnforcedAccount } from '../support/enforced-account';

jest.setTimeout(60_000);

const own = 'demo/web-01';
const foreign = 'other/web-01';

let at: Awaited<ReturnType<typeof startEnforcedAccount>>;
beforeAll(async () => {
  at = await startEnforcedAccount('poc', own);
  await at.root.s3.send(new CreateBucketCommand({ Bucket: at.nameOf('State') }));
  await at.makeTables({ Runs: 'runId', Approvals: 'approvalId', Ledger: 'chain' });
}, 600_000);
afterAll(() => at.end());

/** What a broker lends, as it asks for it. */
const lend = async (purpose: 'Plan' | 'Apply'): Promise<Keys> => {
  const broker = await at.assume(at.rootKeys, `Runner/${purpose}Credentials/Step`);
  const run = { ...aRun, workspace: own };
  const digest = 'a'.repeat(64);
  const change = { id: 'change-1', digest, ref: { bucket: 'b', key: 'k', versionId: 'v', sha256: digest } };
  const session = sessionFor(
    purpose === 'Plan' ? { purpose: 'plan', run } : { purpose: 'apply', run, change },
    at.identities.arnOf('State'),
  );
  return at.assume(broker, `Runner/${purpose}Credentials/Lent`, session);
};

const stateOf = (workspace: string) => ({
  Bucket: at.nameOf('State'),
  Key: `${workspace}/terraform.tfstate`,
});

test('what is lent to apply writes the state of its workspace, and of no other', async () => {
  const { s3 } = at.clientsOf(await lend('Apply'));
  await s3.send(new PutObjectCommand({ ...stateOf(own), Body: '{}' }));
  await s3.send(new GetObjectCommand(stateOf(own)));
  await expect(s3.send(new PutObjectCommand({ ...stateOf(foreign), Body: '{}' }))).rejects.toMatchObject(
    denied,
  );
  await expect(s3.send(new GetObjectCommand(stateOf(foreign)))).rejects.toMatchObject(denied);
});

test('what is lent to plan writes its lock and no state', async () => {
  const { s3 } = at.clientsOf(await lend('Plan'));
  const lock = { ...stateOf(own), Key: `${stateOf(own).Key}.tflock` };
  await s3.send(new PutObjectCommand({ ...lock, Body: '{}' }));
  await expect(s3.send(new PutObjectCommand({ ...stateOf(own), Body: '{}' }))).rejects.toMatchObject(denied);
  await expect(s3.send(new GetObjectCommand(stateOf(foreign)))).rejects.toMatchObject(denied);
});

test('a worker as itself reaches no state, resumes no run and becomes nobody else', async () => {
  const keys = await at.assume(at.rootKeys, 'Runner/Apply');
  const { s3, sfn } = at.clientsOf(keys);
  await expect(s3.send(new GetObjectCommand(stateOf(own)))).rejects.toMatchObject(denied);
  const success = new SendTaskSuccessCommand({ taskToken: 'a-token-that-leaked', output: '{}' });
  await expect(sfn.send(success)).rejects.toMatchObject(denied);
  for (const place of ['Runner/ApplyCredentials/Lent', 'Runner/PlanCredentials/Lent'])
    await expect(at.assume(keys, place, { tags: { workspace: own } })).rejects.toMatchObject(denied);
});

test('a broker lends its own role and not that of the other', async () => {
  const broker = await at.assume(at.rootKeys, 'Runner/PlanCredentials/Step');
  const session = { tags: { tenant: 'demo', workspace: own, change: 'none' } };
  await at.assume(broker, 'Runner/PlanCredentials/Lent', session);
  await expect(at.assume(broker, 'Runner/ApplyCredentials/Lent', session)).rejects.toMatchObject(denied);
});

test('who decides records it and cannot resume; the outbox can', async () => {
  const decide = at.clientsOf(await at.assume(at.rootKeys, 'Gate/DecideApproval'));
  await decide.dynamo.send(
    new UpdateCommand({
      TableName: at.nameOf('Approvals'),
      Key: { approvalId: 'a' },
      UpdateExpression: 'SET decidedBy = :who',
      ExpressionAttributeValues: { ':who': 'dana' },
    }),
  );
  const success = () => new SendTaskSuccessCommand({ taskToken: 'a-token', output: '{}' });
  await expect(decide.sfn.send(success())).rejects.toMatchObject(denied);
  const outbox = at.clientsOf(await at.assume(at.rootKeys, 'Gate/SendCallback'));
  await expect(outbox.sfn.send(success())).rejects.not.toMatchObject(denied);
});

test('whoever appends to the ledger deletes nothing of it', async () => {
  const { dynamo } = at.clientsOf(await at.assume(at.rootKeys, 'Lifecycle/EndRun'));
  const TableName = at.nameOf('Ledger');
  await dynamo.send(new PutCommand({ TableName, Item: { chain: 'demo' } }));
  await expect(dynamo.send(new DeleteCommand({ TableName, Key: { chain: 'demo' } }))).rejects.toMatchObject(
    denied,
  );
});

test('a key that nobody was given opens nothing', async () => {
  const { sts, s3 } = at.clientsOf({ accessKeyId: 'AKIAUNKNOWNUNKNOWN00', secretAccessKey: 'guessed' });
  await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toThrow();
  await expect(s3.send(new GetObjectCommand(stateOf(own)))).rejects.toThrow();
});

test('a boundary holds although somebody grants everything', async () => {
  const careless = at.identities.roles.find(({ name }) => name === 'Health/Step');
  if (!careless) throw new Error('no such role');
  const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
  const arn = `arn:aws:iam::${at.account}:role/careless`;
  await at.makeRoles([{ ...careless, arn, policies: [everything] }]);
  const { s3, sfn } = at.clientsOf(await at.assume(at.rootKeys, arn));
  await s3.send(new PutObjectCommand({ ...stateOf(own), Body: '{}' }));
  const success = new SendTaskSuccessCommand({ taskToken: 'a-token', output: '{}' });
  await expect(sfn.send(success)).rejects.toMatchObject(denied);
  await expect(s3.send(new CreateBucketCommand({ Bucket: 'of-nobody' }))).rejects.toMatchObject(denied);
});
