import { aPlan, aPlaybook, aRun } from '../support/change-fixtures';
import { type Answer, walkWorkflow } from '../support/walk-workflow';

const change = { id: 'run-1-12345678' };
const place = { runsOn: 'lambda' };
const input = {
  run: aRun,
  workflow: 'vm-provisioning',
  change,
  wanted: 'restore',
  reason: 'a test',
  requestedBy: null,
  approvalTimeoutSeconds: 3600,
  places: { plan: place, apply: place },
};
const chosen = {
  kind: 'restore',
  message: null,
  module: 'local-host',
  pin: { digest: 'a', upgrade: false },
  variables: { name: 'before' },
  targets: [],
  role: 'baseline',
  rolePin: { digest: 'b', upgrade: false },
  roleVariables: { port: 1 },
};
const answers = (kind: string, given: Record<string, Answer> = {}): Record<string, Answer> => ({
  'Choose compensation': { result: { ...chosen, kind } },
  'Destroy what was created': { result: { outcome: 'applied' } },
  'Plan restoration': { result: aPlan },
  'Preview configuration': { result: aPlaybook },
  'Bind change': { result: { change: { id: 'run-1-undoing' }, gate: 'required' } },
  'Wait for approval': { result: { decision: { outcome: 'approved' } } },
  'Apply change': { result: {} },
  'Configure hosts': { result: {} },
  ...given,
});
const walk = (kind: string, given?: Record<string, Answer>) =>
  walkWorkflow('compensate', input, answers(kind, given));

test('a restoration is planned with what was applied, asked about, applied and configured', async () => {
  const { tasks, output } = await walk('restore');
  expect(tasks).toMatchObject([
    ['Choose compensation', { wanted: 'restore', change }],
    ['Plan restoration', { pin: chosen.pin, variables: chosen.variables, runsOn: 'lambda' }],
    [
      'Preview configuration',
      { mode: 'check', role: 'baseline', pin: chosen.rolePin, variables: { port: 1 } },
    ],
    [
      'Bind change',
      { compensates: 'restore', workflow: 'vm-provisioning', plan: aPlan, playbook: aPlaybook },
    ],
    ['Wait for approval', { change: { id: 'run-1-undoing' }, timeoutSeconds: 3600 }],
    ['Apply change', { change: { id: 'run-1-undoing' } }],
    ['Configure hosts', { mode: 'run', role: 'baseline', change: { id: 'run-1-undoing' } }],
  ]);
  expect(output).toEqual({ kind: 'restore', outcome: 'applied', message: null });
});

test.each(['rejected', 'expired'])('a restoration that is %s touches nothing', async (outcome) => {
  const { tasks, output } = await walk('restore', {
    'Wait for approval': { result: { decision: { outcome } } },
  });
  expect(tasks.map(([name]) => name)).not.toContain('Apply change');
  expect(output).toEqual({ kind: 'restore', outcome, message: null });
});

test('nobody is asked where there is nothing to restore; what is kept says why', async () => {
  const same = await walk('restore', { 'Bind change': { result: { change, gate: 'none' } } });
  expect(same.output).toEqual({ kind: 'restore', outcome: 'unchanged', message: null });
  const kept = await walk('keep', { 'Choose compensation': { result: { kind: 'keep', message: 'Why.' } } });
  expect(kept.output).toEqual({ kind: 'keep', outcome: 'kept', message: 'Why.' });
});

test('what was created is destroyed by the block that destroys, narrowed to it', async () => {
  const { tasks, output } = await walk('destroy');
  expect(tasks.at(-1)).toMatchObject([
    'Destroy what was created',
    {
      compensates: 'destroy',
      targets: [],
      pin: chosen.pin,
      workflow: 'vm-provisioning',
      places: input.places,
    },
  ]);
  expect(output).toEqual({ kind: 'destroy', outcome: 'applied', message: null });
});

test.each(['Plan restoration', 'Apply change', 'Configure hosts'])(
  'a failure of "%s" fails it',
  async (name) => {
    expect((await walk('restore', { [name]: { raises: 'HostError' } })).failed).toBe('HostError');
  },
);

describe('vm-provisioning', () => {
  const begun = { run: aRun, enterAt: 'configure', change, hosts: [], attempt: 1, places: input.places };
  const fails = (onFailure: string, compensate: Answer) =>
    walkWorkflow(
      'vm-provisioning',
      {},
      {
        'Begin run': { result: { ...begun, summary: null, decision: null, onFailure } },
        'Configure hosts': { raises: 'AnsibleError' },
        Compensate: compensate,
        'Record end': {
          result: { outcome: 'failed', error: { name: 'AnsibleError', message: 'It broke.' } },
        },
        Notify: { result: {} },
      },
    );
  const told = (walked: Awaited<ReturnType<typeof fails>>) =>
    walked.tasks.find(([name]) => name === 'Record end')?.[1];

  test('keeps what is there unless its input says otherwise', async () => {
    const walked = await fails('keep', { raises: 'Never' });
    expect(walked.tasks.map(([name]) => name)).not.toContain('Compensate');
    expect(told(walked)).toMatchObject({ outcome: 'failed', compensation: null });
  });

  test('stays failed with its own error, and says what became of the compensation', async () => {
    const compensation = { kind: 'destroy', outcome: 'applied', message: null };
    const done = await fails('destroy', { result: compensation });
    expect(told(done)).toMatchObject({ outcome: 'failed', error: { name: 'AnsibleError' }, compensation });
    expect(done.failed).toBe('AnsibleError');
    const broken = await fails('restore', { raises: 'TargetsExceededError' });
    expect(told(broken)).toMatchObject({
      error: { name: 'AnsibleError' },
      compensation: { kind: 'restore', outcome: 'failed', message: 'TargetsExceededError: It broke.' },
    });
  });
});
