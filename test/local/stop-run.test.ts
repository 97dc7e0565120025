import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { stopRun } from '../../local/stop-run';

const mock = mockClient(SFNClient);

test('stops the run with a reason and waits until nothing of it is left to do', async () => {
  mock.on(StopExecutionCommand).resolves({});
  const answers = [false, false, true];
  let asked = 0;
  await stopRun(new SFNClient({ region: 'us-east-1' }), 'arn:run', async () => answers[asked++] ?? true);
  expect(asked).toBe(3);
  expect(mock.commandCalls(StopExecutionCommand)[0]?.args[0].input).toMatchObject({
    executionArn: 'arn:run',
    error: 'RunStoppedError',
  });
});
