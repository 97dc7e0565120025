import type { PlanTask } from '../../../lambdas/runners/contract';
import { makeRunTask } from '../../../lambdas/runners/run-task';
import type { Left } from '../../../lambdas/runners/run-watch';
import { DeadlineError, RunStoppedError } from '../../../lambdas/shared/errors';
import { aRun } from '../../support/change-fixtures';
import { makeToollessWorker } from '../../support/toolless-worker';

const input: PlanTask = {
  task: 'terraform-plan',
  run: aRun,
  module: 'box',
  variables: {},
  mode: 'apply',
  targets: [],
};

/** A worker whose task is over its time by when the run record has answered. */
const prepare = async (status: 'running' | 'stopping' = 'running') => {
  const worker = await makeToollessWorker();
  const left: (Left | undefined)[] = [];
  const runTask = makeRunTask({
    ...worker.deps,
    watch: {
      report: async () => {
        jest.advanceTimersByTime(1000);
        return { status };
      },
      leave: async (_runId, _task, how) => void left.push(how),
    },
    issueCredentials: async () => Promise.reject(new Error('none were expected here')),
    accepts: ['terraform-plan'],
  });
  return { runTask, left, remove: worker.remove };
};

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const resume =
  'Go on with it by "orchestrator resume run-1", or by starting its workflow with {"workspace":"demo/web-01","resume":"run-1"}.';

test('a task that runs out of time is noted as that, not as finished, and says how to go on', async () => {
  const { runTask, left, remove } = await prepare();
  const late = runTask(input, { timeMs: 1000 });
  await expect(late).rejects.toThrow(DeadlineError);
  await expect(late).rejects.toThrow(`${resume} It then goes on on Fargate`);
  expect(left).toEqual([{ interrupted: 'terraform-plan', at: '2026-01-01T00:30:00.000Z', seconds: 0 }]);
  await remove();
});

test.each([
  ['its run is stopped', 'stopping', new AbortController().signal, 'The run run-1 was stopped;'],
  ['the worker is told to stop', 'running', AbortSignal.abort(), 'The worker was told to stop;'],
] as const)(
  'when %s, it says how to go on, and nothing is noted of the task',
  async (_, status, stop, why) => {
    const { runTask, left, remove } = await prepare(status);
    const stopped = runTask(input, { timeMs: 10_000, stop });
    await expect(stopped).rejects.toThrow(RunStoppedError);
    await expect(stopped).rejects.toThrow(why);
    await expect(stopped).rejects.toThrow(resume);
    expect(left).toEqual([undefined]);
    await remove();
  },
);
