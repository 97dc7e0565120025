import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { askLockDoctor, diagnosisText, exitCodeOfDiagnosis } from '../../cli/ask-lock-doctor';
import type { Diagnosis } from '../../lambdas/lock-doctor/contract';
import { InvalidInputError } from '../../lambdas/shared/errors';
import { deployedOutputs, stackWith } from '../support/deployed-stack';

const cloudFormation = mockClient(CloudFormationClient);
const lambda = mockClient(LambdaClient);
const deps = {
  lambda: new LambdaClient({ region: 'eu-central-1' }),
  cloudFormation: new CloudFormationClient({ region: 'eu-central-1' }),
  environment: 'poc',
};
const workspace = 'demo/web-01';
const diagnosis: Diagnosis = {
  workspace,
  verdict: 'repair',
  findings: ['The state is locked for 3 minutes.'],
  repairs: [],
};
const outputs = { ...deployedOutputs, LockDoctorFunctionName: 'the-doctor' };

const payload = (value: unknown) => Buffer.from(JSON.stringify(value)) as never;

beforeEach(() => {
  lambda.reset();
  cloudFormation.reset();
  cloudFormation.on(DescribeStacksCommand).resolves({
    Stacks: [stackWith(outputs)],
  });
});

test.each([true, false])('asks the deployed doctor about one workspace; repair: %s', async (repair) => {
  lambda.on(InvokeCommand).resolves({ Payload: payload({ examined: [diagnosis] }) });
  expect(await askLockDoctor(deps, { workspace, repair })).toEqual(diagnosis);
  const [call] = lambda.commandCalls(InvokeCommand);
  expect(call?.args[0].input.FunctionName).toBe('the-doctor');
  expect(JSON.parse(String(call?.args[0].input.Payload))).toEqual({
    workspace,
    repair,
  });
});

test('refuses what is no workspace, and an environment that is not there, before it asks', async () => {
  const refused = askLockDoctor(deps, { workspace: '../etc', repair: true });
  await expect(refused).rejects.toThrow(InvalidInputError);
  await expect(refused).rejects.toThrow('"../etc" is no workspace');
  cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [] });
  await expect(askLockDoctor(deps, { workspace, repair: true })).rejects.toThrow('poc is not deployed');
  expect(lambda.calls()).toHaveLength(0);
});

test("the doctor's own error keeps its name", async () => {
  const answer = { errorType: 'TransientError', errorMessage: 'The lease is contended.' };
  lambda.on(InvokeCommand).resolves({ FunctionError: 'Unhandled', Payload: payload(answer) });
  await expect(askLockDoctor(deps, { workspace, repair: true })).rejects.toMatchObject({
    name: 'TransientError',
    message: 'The lease is contended.',
  });
});

test.each<[string, Partial<Diagnosis>, string, number]>([
  ['nothing to do', { verdict: 'healthy' }, 'demo/web-01: nothing is held by anybody who is gone', 0],
  ['somebody who may live', { verdict: 'wait' }, 'demo/web-01: held', 1],
  ['something to repair', {}, 'demo/web-01: can be repaired', 1],
  ['something repaired', { repairs: ['release-lock'] }, 'demo/web-01: repaired', 0],
])('%s: says so, with its reasons, and by its exit code', (_, more, first, code) => {
  const found = { ...diagnosis, ...more };
  const [head, ...reasons] = diagnosisText(found).split('\n');
  expect(head).toBe(first);
  expect(reasons).toEqual([
    '  The state is locked for 3 minutes.',
    ...(found.repairs.length > 0 ? ['  The lock was released.'] : []),
  ]);
  expect(exitCodeOfDiagnosis(found)).toBe(code);
});
