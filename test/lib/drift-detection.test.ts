import { walkWorkflow } from '../support/walk-workflow';

const run = { runId: 'run-1', workspace: 'all/drift-detection', traceparent: 'trace' };
const begun = { run, reason: 'A look', requestedBy: 'dana' };
const sweep = { workspaces: 4, clean: 3, drifted: 1, new: 0, skipped: 0, failed: 0, remediations: [] };

const walk = (found: object, input: object = {}, answers: Parameters<typeof walkWorkflow>[2] = {}) => {
  const report = { ...sweep, page: { key: 'runs/run-1/drift-report.md' }, ...found };
  return walkWorkflow('drift-detection', input, {
    'Begin run': { result: begun },
    'List workspaces': { result: { count: 4, document: { key: 'runs/run-1/workspaces.json' } } },
    'Check workspaces': { result: [0, 0, 0, 0] },
    'Report drift': { result: report },
    'Start remediations': { result: [0] },
    'Record end': { result: { outcome: 'drifted', sweep: report, error: null } },
    Notify: { result: {} },
    ...answers,
  });
};
const remediations = [{ workspace: 'demo/web-01', runId: 'run-1-abc-fix', error: null }];
const started = (result: object[]) => ({ 'Start remediations': { result } });
const names = ({ tasks }: Awaited<ReturnType<typeof walk>>) => tasks.map(([name]) => name);
const given = ({ tasks }: Awaited<ReturnType<typeof walk>>, wanted: string) =>
  tasks.find(([name]) => name === wanted)?.[1];

test('works through the list of an object, and tells nobody what is known already', async () => {
  const walked = await walk({});
  expect(names(walked)).toEqual([
    'Begin run',
    'List workspaces',
    'Check workspaces',
    'Report drift',
    'Record end',
  ]);
  expect(given(walked, 'List workspaces')).toEqual({ run, tenant: null });
  expect(given(walked, 'Check workspaces')).toBe('runs/run-1/workspaces.json');
  expect(given(walked, 'Report drift')).toMatchObject({ remediateAtMost: 0 });
  expect(given(walked, 'Record end')).toMatchObject({ outcome: 'drifted', sweep: { drifted: 1 } });
});

test.each([
  ['new drift', { new: 1 }],
  ['a workspace that could not be looked at', { failed: 1 }],
])('people hear of %s, once', async (_, found) => {
  expect(names(await walk(found)).filter((name) => name === 'Notify')).toHaveLength(1);
});

test('where nothing is applied, nothing is looked at', async () => {
  const walked = await walk(
    { workspaces: 0, clean: 0, drifted: 0 },
    { tenant: 'demo' },
    { 'List workspaces': { result: { count: 0, document: { key: 'k' } } } },
  );
  expect(names(walked)).not.toContain('Check workspaces');
  expect(given(walked, 'List workspaces')).toMatchObject({ tenant: 'demo' });
  expect(given(walked, 'Record end')).toMatchObject({ outcome: 'clean', error: null });
});

test('a sweep that could look at nothing failed', async () => {
  const walked = await walk({ clean: 0, drifted: 0, failed: 4 });
  expect(given(walked, 'Record end')).toMatchObject({
    outcome: 'failed',
    error: { name: 'NothingCheckedError', message: expect.stringContaining('drift-report.md') },
  });
});

test('what drifted is brought back where that is asked for, so many at most', async () => {
  const walked = await walk({ remediations }, { remediate: true, remediateAtMost: 3 }, started(remediations));
  expect(given(walked, 'Report drift')).toMatchObject({ remediateAtMost: 3 });
  expect(given(walked, 'Start remediations')).toEqual(remediations);
  expect(given(walked, 'Record end')).toMatchObject({ sweep: { drifted: 1, remediations } });
  expect(given(await walk({}, { remediate: true }), 'Report drift')).toMatchObject({ remediateAtMost: 5 });
});

test('what could not be brought back is recorded so, and told', async () => {
  const failed = remediations.map((one) => ({ ...one, error: 'StepFunctions.StateMachineDoesNotExist' }));
  const walked = await walk(
    { remediations },
    { remediate: true },
    {
      ...started(failed),
      'Record end': {
        result: { outcome: 'drifted', sweep: { ...sweep, remediations: failed }, error: null },
      },
    },
  );
  expect(given(walked, 'Record end')).toMatchObject({ sweep: { remediations: failed } });
  expect(names(walked)).toContain('Notify');
});

test.each(['Begin run', 'List workspaces', 'Check workspaces', 'Report drift'])(
  'when %s fails, that is recorded and notified',
  async (name) => {
    const end = { outcome: 'failed', error: { name: 'BrokenError' } };
    const walked = await walk({}, {}, { [name]: { raises: 'BrokenError' }, 'Record end': { result: end } });
    expect(names(walked).slice(-2)).toEqual(['Record end', 'Notify']);
    expect(given(walked, 'Record end')).toMatchObject({ outcome: 'failed', error: { name: 'BrokenError' } });
    expect(walked.failed).toBe('BrokenError');
  },
);
