import { walkWorkflow } from '../support/walk-workflow';

const input = { workspace: 'demo/web-01', module: 'web' };
const source = { git: 'https://github.com/team/work.git', commit: 'c'.repeat(40), path: 'web' };
const begun = {
  run: { runId: 'run-1', workspace: 'demo/web-01', traceparent: 'trace' },
  places: { plan: { runsOn: 'lambda' } },
  module: 'web',
  source,
  pins: { module: null },
  variables: { size: 'small' },
};
const plan = (empty: boolean) => ({
  counts: { create: 1, update: 2, replace: 3, delete: 4 },
  empty,
  plan: { sha256: 'a'.repeat(64) },
});
const walk = (answers: Parameters<typeof walkWorkflow>[2]) => {
  const end = answers['Plan change'] && 'raises' in answers['Plan change'] ? 'failed' : 'previewed';
  return walkWorkflow('plan-preview', input, {
    'Begin run': { result: begun },
    'Record end': {
      result: { outcome: end, error: end === 'failed' ? { name: 'TerraformError' } : null },
    },
    Notify: { result: {} },
    ...answers,
  });
};

test('a preview plans the commit without a lock, asks nobody, tells nobody and applies nothing', async () => {
  const { tasks, output } = await walk({ 'Plan change': { result: plan(false) } });
  expect(tasks.map(([name]) => name)).toEqual(['Begin run', 'Plan change', 'Record end']);
  expect(tasks[1]?.[1]).toMatchObject({ module: 'web', source, variables: { size: 'small' }, preview: true });
  expect(tasks[2]?.[1]).toMatchObject({
    outcome: 'previewed',
    summary: { add: 4, change: 2, destroy: 7, playbookChanged: 0 },
    error: null,
  });
  expect(output).toMatchObject({ outcome: 'previewed' });
});

test('what changes nothing is unchanged', async () => {
  const { tasks } = await walk({ 'Plan change': { result: plan(true) } });
  expect(tasks[2]?.[1]).toMatchObject({ outcome: 'unchanged' });
});

test('what fails is recorded and notified, with its own name', async () => {
  const { tasks, failed } = await walk({ 'Plan change': { raises: 'TerraformError' } });
  expect(tasks.map(([name]) => name)).toEqual(['Begin run', 'Plan change', 'Record end', 'Notify']);
  expect(tasks[2]?.[1]).toMatchObject({
    outcome: 'failed',
    summary: null,
    error: { name: 'TerraformError' },
  });
  expect(failed).toBe('TerraformError');
});
