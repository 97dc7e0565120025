import { walkWorkflow } from '../support/walk-workflow';

const begun = {
  run: { runId: 'run-1', workspace: 'demo/web-01' },
  module: 'local-host',
  variables: {},
  pins: { module: null, role: null },
  places: { plan: { runsOn: 'lambda' } },
};
const host = { name: 'web-01', isNew: false };
const found = (failed: number, fresh: number) => ({ passed: 40, failed, check: { new: fresh } });
const walk = (given: Record<string, { result: unknown } | { raises: string }>) => {
  const failed = Object.values(given).some((answer) => 'raises' in answer);
  return walkWorkflow(
    'compliance-check',
    { workspace: 'demo/web-01' },
    {
      'Begin run': { result: begun },
      'Plan as applied': { result: { hosts: [host] } },
      'Scan compliance': { result: { passed: 40, failed: 0 } },
      'Assess compliance': { result: found(0, 0) },
      'Record end': { result: { outcome: failed ? 'failed' : 'clean', error: null } },
      Notify: { result: {} },
      ...given,
    },
  );
};
const namesOf = (tasks: readonly (readonly [string, unknown])[]) => tasks.map(([name]) => name);

test('what is kept is recorded as clean, and told nobody', async () => {
  const { tasks, failed } = await walk({});
  expect(namesOf(tasks)).toEqual([
    'Begin run',
    'Plan as applied',
    'Scan compliance',
    'Assess compliance',
    'Record end',
  ]);
  expect(tasks.at(-1)?.[1]).toMatchObject({ outcome: 'clean', compliance: found(0, 0), error: null });
  expect(failed).toBeUndefined();
});

test.each([
  ['something new', 1, true],
  ['nothing new', 0, false],
])('what is not kept is no failure of the run; %s is told: %s', async (_, fresh, told) => {
  const compliance = found(2, fresh);
  const { tasks, failed } = await walk({
    'Assess compliance': { result: compliance },
    'Record end': { result: { outcome: 'noncompliant', compliance, error: null } },
  });
  expect(tasks.find(([name]) => name === 'Record end')?.[1]).toMatchObject({ outcome: 'noncompliant' });
  expect(namesOf(tasks).includes('Notify')).toBe(told);
  expect(failed).toBeUndefined();
});

test('where there is no host, only the module and the plan are looked at', async () => {
  const { tasks } = await walk({ 'Plan as applied': { result: { hosts: [{ ...host, isNew: true }] } } });
  expect(namesOf(tasks)).not.toContain('Scan compliance');
  expect(tasks.find(([name]) => name === 'Assess compliance')?.[1]).toMatchObject({ scan: null });
});

test.each(['Begin run', 'Plan as applied', 'Scan compliance', 'Assess compliance'])(
  'a failure of "%s" is recorded, told, and the run fails with its name',
  async (state) => {
    const error = { name: 'HostError', message: 'It broke.' };
    const { tasks, failed } = await walk({
      [state]: { raises: 'HostError' },
      'Record end': { result: { outcome: 'failed', error } },
    });
    expect(namesOf(tasks).slice(-2)).toEqual(['Record end', 'Notify']);
    expect(tasks.find(([name]) => name === 'Record end')?.[1]).toMatchObject({ outcome: 'failed' });
    expect(failed).toBe('HostError');
  },
);
