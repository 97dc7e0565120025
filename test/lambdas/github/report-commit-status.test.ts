import fc from 'fast-check';
import { makeReportCommitStatus } from '../../../lambdas/report-commit-status/report-commit-status';
import { TransientError } from '../../../lambdas/shared/errors';
import type { CommitStatus } from '../../../lambdas/shared/github-client';
import { runIdOf } from '../../../lambdas/shared/github-names';
import type { RunRecord } from '../../../lambdas/shared/run-record';
import { digest } from '../../support/change-fixtures';
import { inMemoryGithubStore } from '../../support/in-memory-github-store';
import { inMemoryRunStore } from '../../support/in-memory-run-store';

const runId = runIdOf('a'.repeat(64), 'demo/web-01');
const arn = `arn:aws:states:eu-central-1:123456789012:execution:vm-provisioning:${runId}`;
const commit = 'c'.repeat(40);
const summary = { add: 2, change: 1, destroy: 0, playbookChanged: 3, digest: 'd'.repeat(64) };
const change = {
  id: 'change-1',
  digest: digest('e'),
  ref: { bucket: 'artifacts', key: 'runs/x', versionId: '1', sha256: digest('e') },
};
type End = NonNullable<RunRecord['outcome']>;

const prepare = async () => {
  const store = inMemoryGithubStore();
  const runs = inMemoryRunStore();
  const told: CommitStatus[] = [];
  const onTold: ((status: CommitStatus) => Promise<void>)[] = [];
  let clock = Date.parse('2026-01-01T00:00:00Z');
  const report = makeReportCommitStatus({
    store,
    runs,
    github: {
      setStatus: async (repository, sha, status) => {
        expect([repository, sha]).toEqual(['team/work', commit]);
        await onTold.shift()?.(status);
        told.push(status);
      },
    },
    runUrl: (executionArn) => `https://console.example/${executionArn ?? 'all'}`,
    approvalUrl: (id) => `https://pages.example/approvals/${id}`,
    now: () => new Date(clock),
  });
  await store.ask({
    runId,
    repository: 'team/work',
    commit,
    context: 'orchestrator: demo/web-01',
    askedAt: '2026-01-01T00:00:00Z',
  });
  const begin = (more: Partial<RunRecord> = {}) =>
    runs.runs.set(runId, {
      runId,
      workflow: 'vm-provisioning',
      executionArn: arn,
      startedAt: '2026-01-01T00:00:00Z',
      traceparent: 'x',
      status: 'running',
      ...runs.runs.get(runId),
      ...more,
    });
  const bind = () => begin({ change });
  const endAs = (outcome: End, error: { name: string; message: string } | null = null) =>
    begin({
      status: 'ended',
      outcome,
      result: {
        runId,
        workflow: 'vm-provisioning',
        workspace: 'demo/web-01',
        outcome,
        summary: error ? null : summary,
        decision: null,
        compliance: null,
        error,
      },
    });
  const event = (status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED' | 'TIMED_OUT', suffix = '') =>
    report({ detail: { executionArn: arn + suffix, name: runId + suffix, status } });
  const wait = (hours: number) => {
    clock += hours * 3600_000;
  };
  return { store, runs, told, onTold, report, begin, bind, endAs, event, wait };
};

test('a run is told from its start over its gate to its end, each once', async () => {
  const { told, begin, bind, endAs, event, store } = await prepare();
  begin();
  await event('RUNNING');
  bind();
  await event('RUNNING', '-approval-1');
  await event('RUNNING', '-approval-1');
  await event('SUCCEEDED', '-approval-1');
  endAs('applied');
  await event('SUCCEEDED');
  await event('SUCCEEDED');
  expect(told).toMatchObject([
    { state: 'pending', description: 'Planning', target_url: `https://console.example/${arn}` },
    {
      state: 'pending',
      description: 'Planned; waiting for approval',
      target_url: 'https://pages.example/approvals/change-1',
    },
    { state: 'pending', description: 'Decided; the run goes on' },
    { state: 'success', description: 'Applied: 2 to create, 1 to change, 0 to destroy' },
  ]);
  expect(await store.listOpen()).toEqual([]);
});

test.each<[End, string, string]>([
  ['previewed', 'success', '2 to create, 1 to change, 0 to destroy'],
  ['unchanged', 'success', 'Nothing to change'],
  ['rejected', 'failure', 'Rejected: 2 to create, 1 to change, 0 to destroy'],
  ['expired', 'failure', 'Nobody decided in time; nothing was touched'],
])('a run that ended as %s is a %s', async (outcome, state, description) => {
  const { told, endAs, event } = await prepare();
  endAs(outcome);
  await event('SUCCEEDED');
  expect(told).toMatchObject([{ state, description }]);
});

test('a failure is told by its name, and by nothing of its message', async () => {
  const { told, endAs, event } = await prepare();
  endAs('failed', { name: 'TerraformError', message: 'host 10.0.0.7 said: password=hunter2' });
  await event('FAILED');
  expect(told).toMatchObject([
    { state: 'failure', description: 'Failed: TerraformError. The run says more' },
  ]);
  expect(JSON.stringify(told)).not.toMatch(/hunter2|10\.0\.0\.7/);
});

test.each([
  ['ABORTED', 'RunStoppedError'],
  ['TIMED_OUT', 'RunTimedOutError'],
  ['FAILED', 'RunBrokeError'],
] as const)('a run that was %s and recorded no end is told as %s', async (status, error) => {
  const { told, begin, event } = await prepare();
  begin();
  await event(status);
  expect(told).toMatchObject([{ state: 'failure', description: `Failed: ${error}. The run says more` }]);
});

test('an execution of that name that GitHub did not ask for is not reported', async () => {
  const { report, told } = await prepare();
  for (const name of [`gh-${'0'.repeat(40)}`, 'gh-x', `${runId}-world`, 'run-1'])
    await report({ detail: { executionArn: `arn:${name}`, name, status: 'RUNNING' } });
  expect(told).toEqual([]);
});

test('what is late and would be told after something newer is followed by the newer again', async () => {
  const { told, onTold, begin, endAs, event } = await prepare();
  begin();
  // GitHub takes its time for the first, and the run ends meanwhile.
  onTold.push(async () => {
    endAs('unchanged');
    await event('SUCCEEDED');
  });
  await event('RUNNING');
  expect(told.map(({ description }) => description)).toEqual([
    'Nothing to change',
    'Planning',
    'Nothing to change',
  ]);
});

test('whatever the order and number of events, the last that GitHub hears is the end', async () => {
  const events = [
    ['RUNNING', ''],
    ['RUNNING', '-approval-1'],
    ['SUCCEEDED', '-approval-1'],
    ['SUCCEEDED', ''],
  ] as const;
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray([...events, ...events], { minLength: 8 }),
      fc.array(fc.boolean(), { maxLength: 8 }),
      async (order, failures) => {
        const { told, onTold, begin, endAs, event, report, store } = await prepare();
        begin({ change });
        endAs('applied');
        for (const fails of failures)
          onTold.push(async () => {
            if (fails) throw new TransientError('GitHub did not answer.');
          });
        for (const [status, suffix] of order) await event(status, suffix).catch(() => undefined);
        onTold.length = 0;
        await report({ sweep: true });
        expect(told.at(-1)).toMatchObject({ state: 'success' });
        expect(told.map(({ state }) => state).lastIndexOf('pending')).toBeLessThan(
          told.findIndex(({ state }) => state === 'success') + 1,
        );
        expect(await store.listOpen()).toEqual([]);
      },
    ),
  );
});

test('the sweep tells what events did not bring, and goes on after what fails', async () => {
  const { told, endAs, onTold, report, store, begin } = await prepare();
  await store.ask({ ...(await store.find(runId)), runId: `gh-${'1'.repeat(40)}` } as Parameters<
    typeof store.ask
  >[0]);
  begin();
  expect(await report({ sweep: true })).toEqual({ reported: [] });
  endAs('rejected');
  onTold.push(async () => {
    throw new TransientError('GitHub did not answer.');
  });
  expect(await report({ sweep: true })).toEqual({ reported: [] });
  expect(await report({ sweep: true })).toEqual({ reported: [runId] });
  expect(told).toMatchObject([{ state: 'failure' }]);
});

test('a gate that was stopped decided nothing', async () => {
  const { told, bind, event } = await prepare();
  bind();
  await event('ABORTED', '-approval-1');
  expect(told).toEqual([]);
});

test('a run that was asked for and never began is told as lost after an hour', async () => {
  const { told, report, wait } = await prepare();
  await report({ sweep: true });
  expect(told).toEqual([]);
  wait(2);
  await report({ sweep: true });
  expect(told).toMatchObject([
    {
      state: 'failure',
      description: 'Failed: RunLostError. The run says more',
      target_url: 'https://console.example/all',
    },
  ]);
});
