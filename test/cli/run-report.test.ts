import { refusalOf, reportOf } from '../../cli/run-report';
import type { EndedExecution } from '../../cli/watch-run';
import { InvalidInputError } from '../../lambdas/shared/errors';

const digest = 'a'.repeat(64);
const summary = { add: 1, change: 0, destroy: 0, playbookChanged: 12, digest };
const recorded = (changes: object) => ({
  runId: 'run-1',
  workflow: 'vm-provisioning',
  workspace: 'demo/web-01',
  outcome: 'applied',
  summary,
  decision: null,
  compliance: null,
  error: null,
  ...changes,
});
const ended = (changes: Partial<EndedExecution>): EndedExecution => ({
  status: 'SUCCEEDED',
  output: null,
  error: null,
  cause: null,
  stages: [],
  ...changes,
});
const report = (execution: EndedExecution, more?: unknown) =>
  reportOf({ runId: 'run-1', workflow: 'vm-provisioning', ended: execution, recorded: more });

test.each(['applied', 'unchanged', 'rejected', 'expired'])('tells the clean outcome %s', (outcome) => {
  expect(report(ended({ output: recorded({ outcome }) }))).toEqual({
    runId: 'run-1',
    workflow: 'vm-provisioning',
    outcome,
    stages: [],
    change: summary,
    links: {},
    error: null,
  });
});

test('tells a failed run with the error and the change that were recorded', () => {
  const error = { name: 'TerraformError', message: 'The apply failed:\n  no space left.' };
  const execution = ended({ status: 'FAILED', error: 'TerraformError', cause: 'something' });
  expect(report(execution, recorded({ outcome: 'failed', error }))).toMatchObject({
    outcome: 'failed',
    change: summary,
    error: { code: 'TerraformError', message: 'The apply failed: no space left.' },
  });
});

test('tells what drifted, and what became of what a failed run had applied', () => {
  const compensation = { kind: 'destroy', outcome: 'applied', message: null };
  const execution = ended({ status: 'FAILED', error: 'E', cause: 'c' });
  expect(report(execution, recorded({ outcome: 'failed', compensation }))).toMatchObject({ compensation });
  const drift = {
    document: { bucket: 'bbb', key: 'k', versionId: 'v', sha256: 'a'.repeat(64) },
    total: 1,
    new: 1,
    counts: { state: 1, configuration: 0, host: 0 },
    since: '2026-01-01T00:00:00.000Z',
  };
  expect(report(ended({ output: recorded({ outcome: 'drifted', drift }) }))).toMatchObject({
    outcome: 'drifted',
    drift,
  });
});

test('tells how many credentials were rotated', () => {
  const rotation = { credentials: 2, completed: 0, draining: 1, notDue: 1, failed: 0, failures: '' };
  expect(report(ended({ output: recorded({ summary: null, rotation }) }))).toMatchObject({
    outcome: 'applied',
    rotation,
  });
});

test('tells a failed run of which nothing was recorded by what the execution says', () => {
  const cause = JSON.stringify({ errorType: 'X', errorMessage: 'The table is gone.', trace: [] });
  expect(report(ended({ status: 'FAILED', error: 'X', cause })).error).toEqual({
    code: 'X',
    message: 'The table is gone.',
  });
});

test.each([
  ['ABORTED', 'RunStoppedError', 'The run was stopped before its end.'],
  ['TIMED_OUT', 'States.Timeout', 'The run took longer than its workflow allows.'],
  ['FAILED', 'States.TaskFailed', 'The run failed without saying why.'],
] as const)('tells %s without a cause in a sentence', (status, code, message) => {
  expect(report(ended({ status }))).toMatchObject({
    outcome: 'failed',
    change: null,
    error: { code, message },
  });
});

test('an error can draw nothing on a terminal', () => {
  const { error } = report(ended({ status: 'FAILED', error: 'E', cause: '\u001b[2J0 to destroy\u202e' }));
  expect(error?.message).toBe('\ufffd[2J0 to destroy\ufffd');
});

test('a gate alone tells its decision', () => {
  const decision = { decidedAt: '2026-01-01T00:00:00Z', answers: [] };
  const outcomeOf = (outcome: string) =>
    report(ended({ output: { decision: { ...decision, outcome } } })).outcome;
  expect(['approved', 'rejected', 'expired'].map(outcomeOf)).toEqual(['unchanged', 'rejected', 'expired']);
});

test('an apply alone has applied', () => {
  const output = { counts: { create: 1, update: 0, replace: 0, delete: 0 }, hosts: [] };
  expect(report(ended({ output })).outcome).toBe('applied');
});

test('a refusal has the same shape', () => {
  expect(refusalOf('vm-provisioning', new InvalidInputError('Too much.'))).toEqual({
    runId: null,
    workflow: 'vm-provisioning',
    outcome: 'failed',
    stages: [],
    change: null,
    links: {},
    error: { code: 'InvalidInputError', message: 'Too much.' },
  });
});
