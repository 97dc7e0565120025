import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { stagesOf } from '../../cli/run-stages';

const start = Date.parse('2026-01-01T00:00:00Z');
const at = (ms: number) => new Date(start + ms);
const enter = (ms: number, name: string, type = 'Task') =>
  ({ type: `${type}StateEntered`, timestamp: at(ms), stateEnteredEventDetails: { name } }) as HistoryEvent;
const exit = (ms: number, name: string, type = 'Task') =>
  ({ type: `${type}StateExited`, timestamp: at(ms), stateExitedEventDetails: { name } }) as HistoryEvent;
const event = (ms: number, type: string) => ({ type, timestamp: at(ms) }) as HistoryEvent;

test('shows finished stages with their seconds and the running one up to now', () => {
  const events = [
    event(0, 'ExecutionStarted'),
    enter(10, 'Begin run'),
    event(11, 'TaskScheduled'),
    event(200, 'TaskSucceeded'),
    exit(210, 'Begin run'),
    enter(210, 'Plan change'),
  ];
  expect(stagesOf(events, start + 1210)).toEqual([
    { name: 'Begin run', status: 'succeeded', seconds: 0.2 },
    { name: 'Plan change', status: 'running', seconds: 1 },
  ]);
});

test('leaves out states that do no work', () => {
  const events = [
    enter(0, 'Is it approved?', 'Choice'),
    exit(1, 'Is it approved?', 'Choice'),
    enter(2, 'Done', 'Succeed'),
  ];
  expect(stagesOf(events, start)).toEqual([]);
});

test('a state that was retried and then succeeded has succeeded', () => {
  const events = [
    enter(0, 'Plan change'),
    event(1, 'TaskFailed'),
    event(2, 'TaskScheduled'),
    event(3, 'TaskSucceeded'),
    exit(4, 'Plan change'),
  ];
  expect(stagesOf(events, start)).toMatchObject([{ status: 'succeeded' }]);
});

test('a state that was caught has failed, and what followed it is told too', () => {
  const events = [
    enter(0, 'Apply change'),
    event(1, 'TaskFailed'),
    exit(2, 'Apply change'),
    enter(2, 'Record end'),
    event(3, 'TaskSucceeded'),
    exit(4, 'Record end'),
    event(5, 'ExecutionFailed'),
  ];
  expect(stagesOf(events, start).map(({ name, status }) => `${name}: ${status}`)).toEqual([
    'Apply change: failed',
    'Record end: succeeded',
  ]);
});

test.each([
  ['ExecutionAborted', 'stopped'],
  ['ExecutionTimedOut', 'failed'],
  ['ExecutionFailed', 'failed'],
])('%s ends the running stage as %s, whatever its task reports later', (type, status) => {
  const events = [
    enter(0, 'Apply change'),
    event(500, type),
    event(900, 'TaskSucceeded'),
    exit(901, 'Apply change'),
  ];
  expect(stagesOf(events, start + 5000)).toEqual([{ name: 'Apply change', status, seconds: 0.5 }]);
});

test('a clock that went backwards gives no negative time', () => {
  expect(stagesOf([enter(100, 'A'), exit(50, 'A')], start)).toMatchObject([{ seconds: 0 }]);
});
