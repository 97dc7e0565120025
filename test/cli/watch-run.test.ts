import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { readRun, watchRun } from '../../cli/watch-run';

const mock = mockClient(SFNClient);
const client = new SFNClient({ region: 'us-east-1' });
const event = (id: number, type: HistoryEvent['type'], name?: string): HistoryEvent => ({
  id,
  type,
  timestamp: new Date(id * 1000),
  ...(name ? { stateEnteredEventDetails: { name }, stateExitedEventDetails: { name } } : {}),
});
const entered = event(1, 'TaskStateEntered', 'Plan change');
const left = event(2, 'TaskStateExited', 'Plan change');
const succeeded = event(3, 'ExecutionSucceeded');

beforeEach(() => {
  mock.reset();
  mock.on(DescribeExecutionCommand).resolves({ status: 'SUCCEEDED', output: '{"outcome":"unchanged"}' });
});

test('tells the stages each time, and how the run ended', async () => {
  mock
    .on(GetExecutionHistoryCommand)
    .resolvesOnce({ events: [entered] })
    .resolves({ events: [entered, left, succeeded] });
  const seen: string[] = [];
  const ended = await watchRun(client, 'arn', {
    intervalMs: 1,
    onStages: (stages) => void seen.push(stages.map(({ status }) => status).join()),
  });
  expect(seen).toEqual(['running', 'succeeded']);
  expect(ended).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'unchanged' }, error: null });
});

test('reads all pages of a long history, and never its data', async () => {
  mock
    .on(GetExecutionHistoryCommand)
    .resolvesOnce({ events: [entered], nextToken: 'more' })
    .resolvesOnce({ events: [left, succeeded] });
  expect((await readRun(client, 'arn')).ended?.stages).toHaveLength(1);
  const calls = mock.commandCalls(GetExecutionHistoryCommand).map((call) => call.args[0].input);
  expect(calls.map(({ nextToken }) => nextToken)).toEqual([undefined, 'more']);
  expect(calls.every(({ includeExecutionData }) => includeExecutionData === false)).toBe(true);
});

test('a stopped run has ended, even when a state reports after the stop', async () => {
  mock.on(GetExecutionHistoryCommand).resolves({ events: [entered, event(2, 'ExecutionAborted'), left] });
  mock.on(DescribeExecutionCommand).resolves({ status: 'ABORTED', error: 'E', cause: 'C' });
  expect((await readRun(client, 'arn')).ended).toMatchObject({ status: 'ABORTED', error: 'E', cause: 'C' });
});

test('stops watching with the reason it is given', async () => {
  mock.on(GetExecutionHistoryCommand).resolves({ events: [entered] });
  const controller = new AbortController();
  const watching = watchRun(client, 'arn', {
    intervalMs: 60_000,
    signal: controller.signal,
    onStages: () => void setImmediate(() => controller.abort(new Error('Ctrl-C'))),
  });
  await expect(watching).rejects.toThrow('Ctrl-C');
});
