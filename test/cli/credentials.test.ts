import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import {
  credentialsText,
  exitCodeOfCredentials,
  listCredentials,
  rotateCredential,
} from '../../cli/credentials';
import { parseOrchestratorCall } from '../../cli/orchestrator-options';
import { inOrderOfNeed } from '../../lambdas/rotation/life-cycle';
import { aCredential, everyStanding, hoursFrom } from '../support/credential-records';
import { deployedOutputs, stackWith } from '../support/deployed-stack';
import { startedAt as now } from '../support/gate';

const machine = 'arn:aws:states:eu-central-1:111122223333:stateMachine:secret-rotation';
const deployed = () => {
  mockClient(CloudFormationClient)
    .on(DescribeStacksCommand)
    .resolves({ Stacks: [stackWith({ ...deployedOutputs, StateMachineSecretRotationArn: machine })] });
  return { cloudFormation: new CloudFormationClient({ region: 'eu-central-1' }), environment: 'poc' };
};
const listing = async (records: readonly object[]) => {
  const asked: object[] = [];
  const send = async ({ input }: { readonly input: object }) => {
    asked.push(input);
    return { Items: records };
  };
  return { asked, found: await listCredentials({ ...deployed(), dynamoDb: { send: send as never } }, now) };
};

test('lists every credential as the page has it, what needs somebody first', async () => {
  const { asked, found } = await listing(everyStanding);
  expect(asked).toEqual([expect.objectContaining({ TableName: deployedOutputs.CredentialsTableName })]);
  const onPage = inOrderOfNeed(everyStanding, now);
  expect(found.map(({ credential, needs, group }) => ({ credential, needs, group }))).toEqual(
    onPage.map(({ record, needs, group }) => ({ credential: record.id, needs, group })),
  );
  expect(found.some(({ stage }) => stage !== null)).toBe(true);
  expect(exitCodeOfCredentials(found)).toBe(1);
});

test('says age, next rotation, last result, strategy and owner, and absent parts as null', async () => {
  const rotated = aCredential({
    id: 'a',
    lastRotatedAt: hoursFrom(-49),
    lastResult: { outcome: 'completed', at: hoursFrom(-48), runId: 'run-1' },
  });
  const { found } = await listing([rotated, { id: 'b', consumers: [], attempts: 0, revision: 1 }]);
  expect(found).toEqual([
    {
      credential: 'b',
      group: 'fine',
      needs: [],
      stage: null,
      ageSeconds: null,
      nextDueAt: null,
      lastResult: null,
      strategy: null,
      owner: null,
      consumers: [],
    },
    expect.objectContaining({
      credential: 'a',
      ageSeconds: 49 * 3600,
      lastResult: rotated.lastResult,
      owner: 'team-orders',
    }),
  ]);
  expect(exitCodeOfCredentials(found)).toBe(0);
  expect(credentialsText(found)).toBe(
    [
      '2 credentials, 0 of them need somebody',
      'b: fine',
      '  age unknown, next rotation unknown, never rotated, strategy unknown, owner unknown',
      'a: fine',
      `  2 days old, next rotation ${rotated.nextDueAt}, last completed ${hoursFrom(-48)}, strategy postgresql-alternating-users, owner team-orders`,
    ].join('\n'),
  );
});

test('says in words what to do, and nothing can draw over it', async () => {
  const erasing = '\u001b[2J';
  const failed = aCredential({
    owner: `team${erasing}\nb: fine`,
    lastResult: {
      outcome: 'abandoned',
      at: hoursFrom(-6),
      runId: 'run-1',
      error: 'MissingRightsError',
      message: `SELECT is missing.${erasing}`,
    },
  });
  const text = credentialsText((await listing([failed])).found);
  expect(text).toContain('Last rotation failed');
  expect(text).toContain('the next run tries again. SELECT is missing.');
  expect(text).toContain('(MissingRightsError)');
  expect(text).not.toContain(erasing);
  expect(text.split('\n')).toHaveLength(4);
});

test('to rotate one is to start the workflow with its name', async () => {
  const stepFunctions = mockClient(SFNClient);
  stepFunctions.on(StartExecutionCommand).resolves({ executionArn: 'arn:run', startDate: now });
  const started = await rotateCredential(
    { ...deployed(), stepFunctions: new SFNClient({ region: 'eu-central-1' }) },
    { credential: 'orchestrator-poc/workspaces/demo/web-01/orders', reason: 'It was seen', key: null },
  );
  expect(started.workflow).toBe('secret-rotation');
  const { stateMachineArn, input = '{}' } = stepFunctions.call(0).args[0].input as {
    stateMachineArn: string;
    input?: string;
  };
  expect(stateMachineArn).toBe(machine);
  expect(JSON.parse(input)).toMatchObject({
    credentials: ['orchestrator-poc/workspaces/demo/web-01/orders'],
    force: true,
    reason: 'It was seen',
  });
});

test('what is no name of a secret starts nothing', async () => {
  const stepFunctions = mockClient(SFNClient);
  const rotating = rotateCredential(
    { ...deployed(), stepFunctions: new SFNClient({ region: 'eu-central-1' }) },
    { credential: 'no name', reason: 'why', key: null },
  );
  await expect(rotating).rejects.toMatchObject({ name: 'InvalidInputError' });
  expect(stepFunctions.calls()).toEqual([]);
});

const parse = (line: string) => parseOrchestratorCall([...line.split(' '), '--env', 'poc'], {});

test('the command is read', () => {
  expect(parse('credentials list --json')).toEqual({
    command: 'credentials',
    action: 'list',
    environment: 'poc',
    json: true,
  });
  expect(parse('credentials rotate orders --reason seen --wait')).toEqual({
    command: 'credentials',
    action: 'rotate',
    credential: 'orders',
    reason: 'seen',
    key: null,
    wait: true,
    environment: 'poc',
    json: false,
  });
});

test.each([
  'credentials',
  'credentials show orders',
  'credentials list orders',
  'credentials list --wait',
  'credentials rotate --reason why',
  'credentials rotate orders',
  'credentials rotate orders more --reason why',
])('refuses "%s"', (line) => {
  expect(() => parse(line)).toThrow('Say credentials list, or credentials rotate NAME --reason TEXT.');
});
