import { caughtError } from '../../../lib/constructs/asl-definition';
import { evaluate } from '../../support/step-functions-jsonata';

const caught = (errorOutput: object) => evaluate(caughtError, { errorOutput });

test('an error of a function keeps its name and its sentence', async () => {
  const Cause = JSON.stringify({
    errorType: 'ChangeMismatchError',
    errorMessage: 'The module changed after it was approved.',
    trace: ['ChangeMismatchError: …'],
  });
  expect(await caught({ Error: 'ChangeMismatchError', Cause })).toEqual({
    name: 'ChangeMismatchError',
    message: 'The module changed after it was approved.',
  });
});

test('an error of a child execution is the one that failed it', async () => {
  const Cause = JSON.stringify({
    ExecutionArn: 'arn:aws:states:eu-central-1:123456789012:execution:block:child',
    StateMachineArn: 'arn:aws:states:eu-central-1:123456789012:stateMachine:block',
    Status: 'FAILED',
    Error: 'AnsibleError',
    Cause: 'The task "Install" failed on web-01.',
    Input: '{}',
  });
  expect(await caught({ Error: 'States.TaskFailed', Cause })).toEqual({
    name: 'AnsibleError',
    message: 'The task "Install" failed on web-01.',
  });
});

test.each(['ABORTED', 'TIMED_OUT'])('a child that ended %s without an error says so', async (Status) => {
  const Cause = JSON.stringify({ ExecutionArn: 'arn:aws:states:::execution:block:child', Status });
  expect(await caught({ Error: 'States.TaskFailed', Cause })).toEqual({
    name: `States.${Status}`,
    message: `A block ended with status ${Status}`,
  });
});

test('a container that stopped says why', async () => {
  const Cause = JSON.stringify({
    TaskArn: 'arn:aws:ecs:eu-central-1:123456789012:task/cluster/1',
    StopCode: 'TaskFailedToStart',
    StoppedReason: 'CannotPullContainerError: the image is not there',
    Containers: [],
  });
  expect(await caught({ Error: 'States.TaskFailed', Cause })).toEqual({
    name: 'States.TaskFailed',
    message: 'CannotPullContainerError: the image is not there',
  });
});

test.each([
  ['plain text', 'Execution of the task timed out', 'Execution of the task timed out'],
  ['JSON that was cut off', '{"errorMessage":"The plan is', '{"errorMessage":"The plan is'],
  ['a JSON object without an error', '{"a":1}', '{"a":1}'],
  ['nothing in it', '', 'No cause was given.'],
])('a cause of %s is told as it is', async (_, Cause, message) => {
  expect(await caught({ Error: 'States.Timeout', Cause })).toEqual({ name: 'States.Timeout', message });
});

test('a missing cause is told as such', async () => {
  expect(await caught({ Error: 'States.Timeout' })).toEqual({
    name: 'States.Timeout',
    message: 'No cause was given.',
  });
});

test('a long cause is cut: state is limited', async () => {
  const { message } = (await caught({ Error: 'Broken', Cause: 'x'.repeat(30_000) })) as { message: string };
  expect(message).toHaveLength(2000);
});
