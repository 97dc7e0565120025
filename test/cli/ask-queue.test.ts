import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { askQueue, queueText } from '../../cli/ask-queue';
import type { Queue } from '../../lambdas/lock-doctor/contract';
import { InvalidInputError } from '../../lambdas/shared/errors';
import { deployedOutputs, stackWith } from '../support/deployed-stack';

const cloudFormation = mockClient(CloudFormationClient);
const lambda = mockClient(LambdaClient);
const deps = {
  lambda: new LambdaClient({ region: 'eu-central-1' }),
  cloudFormation: new CloudFormationClient({ region: 'eu-central-1' }),
  environment: 'poc',
};
const found: Queue = {
  scope: 'demo',
  cap: 1,
  held: [{ workspace: 'demo/a', runId: 'run-1', since: '2026-01-01T00:00:00.000Z' }],
  waiting: [
    { runId: 'run-2', workspace: 'demo/a', behind: 'run-1' },
    { runId: 'run-3', workspace: 'demo/b', behind: null },
  ],
};

beforeEach(() => {
  lambda.reset();
  cloudFormation.reset();
  cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stackWith(deployedOutputs)] });
  lambda.on(InvokeCommand).resolves({ Payload: Buffer.from(JSON.stringify(found)) as never });
});

test('asks the function that knows the leases', async () => {
  expect(await askQueue(deps, 'demo')).toEqual(found);
  const [call] = lambda.commandCalls(InvokeCommand);
  expect(call?.args[0].input.FunctionName).toBe('lock-doctor');
  expect(JSON.parse(String(call?.args[0].input.Payload))).toEqual({ queueOf: 'demo' });
});

test('refuses what is no workspace and no tenant before it asks', async () => {
  const refused = askQueue(deps, '../etc');
  await expect(refused).rejects.toThrow(InvalidInputError);
  await expect(refused).rejects.toThrow('"../etc" is neither a workspace, <tenant>/<name>, nor a tenant.');
  expect(lambda.calls()).toHaveLength(0);
});

test('says who has what, then who waits, in order', () => {
  expect(queueText(found).split('\n')).toEqual([
    'demo: 1 held, 2 wait, of 1 workspace that its tenant may have at once',
    '  demo/a is held by run-1 since 2026-01-01T00:00:00.000Z',
    '  1. run-2 waits for demo/a: run-1 has it',
    '  2. run-3 waits for demo/b: its tenant has no place',
  ]);
});

test('of a tenant of which nothing is known, says why', () => {
  const nothing = { cap: null, held: [], waiting: [] };
  expect(queueText({ scope: 'demo', ...nothing })).toContain('No cap limits this tenant');
  expect(queueText({ scope: 'demo/a', ...nothing })).toBe('demo/a: 0 held, 0 wait');
});
