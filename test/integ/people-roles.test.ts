import { InvokeCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { startRun } from '../../cli/start-run';
import { readRun } from '../../cli/watch-run';
import { type PeopleRole, peopleRoles } from '../../lib/config/access';
import { deployers, peopleIdentities } from '../../scripts/identities/sensitive-actions';
import { signedIn, whoMayEverything } from '../../scripts/identities/signed-in';
import { denied, type Keys, startEnforcedAccount } from '../support/enforced-account';

jest.setTimeout(60_000);

type Clients = ReturnType<Awaited<ReturnType<typeof startEnforcedAccount>>['clientsOf']>;

let at: Awaited<ReturnType<typeof startEnforcedAccount>>;
const keysOf = new Map<PeopleRole | 'nobody', Keys>();
/** Those who come from IAM Identity Center, before they become anything here. */
const people = new Map<PeopleRole, Keys>();
const executions = new Map<string, string>();

const machine = (place: string): string => at.identities.arnOf(`${place}/StateMachine`);

beforeAll(async () => {
  at = await startEnforcedAccount('poc', 'demo/web-01');
  const { s3, sfn } = at.root;
  for (const place of ['State', 'Audit', 'Artifacts'])
    await s3.send(new CreateBucketCommand({ Bucket: at.nameOf(place) }));
  await s3.send(new PutObjectCommand({ Bucket: at.nameOf('Audit'), Key: 'ledger/demo/1.json', Body: '{}' }));
  await at.makeTables({ Runs: 'runId', Approvals: 'approvalId', Ledger: 'chain', Leases: 'workspace' });
  for (const place of ['VmProvisioning', 'SetFreeze', 'ApprovalGate', 'TerraformApply']) {
    await sfn.send(
      new CreateStateMachineCommand({
        name: machine(place).replace(/^.*:/, ''),
        roleArn: at.identities.arnOf(place),
        definition: JSON.stringify({
          StartAt: 'Wait',
          States: { Wait: { Type: 'Wait', Seconds: 300, End: true } },
        }),
      }),
    );
    const { executionArn = '' } = await sfn.send(
      new StartExecutionCommand({ stateMachineArn: machine(place), name: 'first' }),
    );
    executions.set(place, executionArn);
  }
  for (const word of peopleRoles) {
    const { person, role } = await signedIn(at, word);
    people.set(word, person);
    keysOf.set(word, role);
  }
  keysOf.set('nobody', await at.makeUser('newcomer'));
}, 600_000);
afterAll(() => at?.end());

const state = () => ({ Bucket: at.nameOf('State'), Key: 'demo/web-01/terraform.tfstate' });
const execution = (place: string): string => executions.get(place) ?? '';
const call = (place: string) => (clients: Clients) =>
  clients.lambda.send(new InvokeCommand({ FunctionName: at.nameOf(`${place}/Function`), Payload: '{}' }));

/** What is tried, as everybody, and who may. */
const tried: Readonly<
  Record<
    string,
    { readonly may: readonly PeopleRole[]; readonly does: (clients: Clients) => Promise<unknown> }
  >
> = {
  'start a run': {
    may: ['operator'],
    does: ({ sfn }) => sfn.send(new StartExecutionCommand({ stateMachineArn: machine('VmProvisioning') })),
  },
  'start a block that applies': {
    may: [],
    does: ({ sfn }) => sfn.send(new StartExecutionCommand({ stateMachineArn: machine('TerraformApply') })),
  },
  freeze: {
    may: ['operator', 'break-glass'],
    does: ({ sfn }) => sfn.send(new StartExecutionCommand({ stateMachineArn: machine('SetFreeze') })),
  },
  'stop a run': {
    may: ['operator', 'break-glass'],
    does: ({ sfn }) =>
      sfn.send(new StopExecutionCommand({ executionArn: `${execution('VmProvisioning')}-of-nobody` })),
  },
  'see how a gate stands': {
    may: ['operator', 'break-glass'],
    does: ({ sfn }) => sfn.send(new DescribeExecutionCommand({ executionArn: execution('ApprovalGate') })),
  },
  'see the history of a run': {
    may: ['operator', 'break-glass'],
    does: ({ sfn }) =>
      sfn.send(new GetExecutionHistoryCommand({ executionArn: execution('VmProvisioning') })),
  },
  'see the history of a gate': {
    may: ['break-glass'],
    does: ({ sfn }) => sfn.send(new GetExecutionHistoryCommand({ executionArn: execution('ApprovalGate') })),
  },
  'resume a run with a token that leaked': {
    may: [],
    does: ({ sfn }) => sfn.send(new SendTaskSuccessCommand({ taskToken: 'leaked', output: '{}' })),
  },
  'read a run': {
    may: ['operator', 'auditor', 'break-glass'],
    does: ({ dynamo }) => dynamo.send(new GetCommand({ TableName: at.nameOf('Runs'), Key: { runId: 'r' } })),
  },
  'read an approval': {
    may: [],
    does: ({ dynamo }) =>
      dynamo.send(new GetCommand({ TableName: at.nameOf('Approvals'), Key: { approvalId: 'a' } })),
  },
  'read a lease': {
    may: [],
    does: ({ dynamo }) =>
      dynamo.send(new GetCommand({ TableName: at.nameOf('Leases'), Key: { workspace: 'demo/web-01' } })),
  },
  'decide behind the pages': {
    may: [],
    does: ({ dynamo }) =>
      dynamo.send(
        new UpdateCommand({
          TableName: at.nameOf('Approvals'),
          Key: { approvalId: 'a' },
          UpdateExpression: 'SET decidedBy = :who',
          ExpressionAttributeValues: { ':who': 'olivia' },
        }),
      ),
  },
  'query the ledger': {
    may: ['auditor', 'break-glass'],
    does: ({ dynamo }) =>
      dynamo.send(
        new QueryCommand({
          TableName: at.nameOf('Ledger'),
          KeyConditionExpression: '#chain = :chain',
          ExpressionAttributeNames: { '#chain': 'chain' },
          ExpressionAttributeValues: { ':chain': 'demo' },
        }),
      ),
  },
  'write into the ledger': {
    may: [],
    does: ({ dynamo }) =>
      dynamo.send(new PutCommand({ TableName: at.nameOf('Ledger'), Item: { chain: 'x' } })),
  },
  'read a locked copy': {
    may: ['auditor', 'break-glass'],
    does: ({ s3 }) =>
      s3.send(new GetObjectCommand({ Bucket: at.nameOf('Audit'), Key: 'ledger/demo/1.json' })),
  },
  'write a copy': {
    may: [],
    does: ({ s3 }) =>
      s3.send(new PutObjectCommand({ Bucket: at.nameOf('Audit'), Key: 'ledger/demo/2.json', Body: '{}' })),
  },
  'read a state': { may: [], does: ({ s3 }) => s3.send(new GetObjectCommand(state())) },
  'write a state': {
    may: [],
    does: ({ s3 }) => s3.send(new PutObjectCommand({ ...state(), Body: '{}' })),
  },
  'have a lock examined': { may: ['operator', 'break-glass'], does: call('LockDoctor/Step') },
  'ask why somebody may not decide': { may: peopleRoles, does: call('Gate/ExplainApproval') },
  'let somebody answer for another': { may: ['admin'], does: call('Gate/SetDelegation') },
  'ask a broker for credentials': { may: [], does: call('Runner/ApplyCredentials/Step') },
  'call the one that resumes': { may: [], does: call('Gate/SendCallback') },
};

/** Whether somebody gets as far as the thing itself. What is not there was reached. */
const reaches = async (keys: Keys, does: (clients: Clients) => Promise<unknown>): Promise<boolean> => {
  try {
    await does(at.clientsOf(keys));
    return true;
  } catch (error) {
    return !/^AccessDenied|^UnrecognizedClient|^InvalidClientTokenId|^InvalidAccessKeyId|^ExpiredToken/.test(
      (error as Error).name,
    );
  }
};

test.each(Object.entries(tried))('who may %s', async (_, { may, does }) => {
  const reached = [];
  for (const [who, keys] of keysOf) if (await reaches(keys, does)) reached.push(who);
  expect(reached).toEqual(peopleRoles.filter((word) => may.includes(word)));
});

test('an operator starts a run with the command line, follows it, and stops it', async () => {
  const keys = keysOf.get('operator');
  if (!keys) throw new Error('no operator');
  const { sfn } = at.clientsOf(keys);
  const request = { workflow: 'vm-provisioning', stateMachineArn: machine('VmProvisioning'), input: {} };
  const { executionArn } = await startRun(sfn, request);
  expect((await readRun(sfn, executionArn)).ended).toBeNull();
  await sfn.send(new StopExecutionCommand({ executionArn, error: 'RunStoppedError' }));
  expect((await readRun(sfn, executionArn)).ended).toMatchObject({ status: 'ABORTED' });
});

describe('who becomes what', () => {
  test('whom the trust names may, and nothing else; nobody else may, the root of the account included', async () => {
    const person = people.get('operator') as Keys;
    await at.assume(person, peopleIdentities.operator);
    for (const word of peopleRoles.filter((one) => one !== 'operator'))
      await expect(at.assume(person, peopleIdentities[word])).rejects.toMatchObject(denied);
    await expect(at.assume(at.rootKeys, peopleIdentities.admin)).rejects.toMatchObject(denied);
  });

  test('nobody goes on from one role to another, admins to those of deployments alone', async () => {
    const [deploy = ''] = deployers('eu-central-1', at.account);
    await at.makeRoles([whoMayEverything(at, deploy)]);
    for (const word of peopleRoles) {
      const keys = keysOf.get(word) as Keys;
      for (const role of [
        'Runner/ApplyCredentials/Lent',
        'Gate/SendCallback',
        peopleIdentities['break-glass'],
      ])
        await expect(at.assume(keys, role)).rejects.toMatchObject(denied);
      if (word === 'admin') await at.assume(keys, deploy);
      else await expect(at.assume(keys, deploy)).rejects.toMatchObject(denied);
    }
  });
});
