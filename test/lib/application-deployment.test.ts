import { aPlan, aPlaybook, aRun } from '../support/change-fixtures';
import { type Answer, walkWorkflow } from '../support/walk-workflow';

const change = { id: 'run-1-12345678' };
const hosts = ['app-1', 'app-2', 'app-3', 'app-4'].map((name) => ({
  name,
  address: null,
  size: 'small',
  tags: {},
  owner: 'me',
  expiresAt: null,
  isNew: false,
}));
const rollout = { canary: 1, batchSize: 2, bakeSeconds: 5, probes: 3, probeIntervalSeconds: 1 };
const release = {
  application: 'shop',
  version: '1.1.0',
  port: 8080,
  healthPath: '/healthz',
  healthText: 'shop 1.1.0',
  rollout,
};
const begun = {
  run: aRun,
  release,
  attempt: 1,
  role: 'app-release',
  roleVariables: { app_release_name: 'shop' },
  module: 'local-fleet',
  variables: {},
  pins: { module: null, role: null },
  places: { plan: { runsOn: 'lambda' } },
  reason: 'a test',
  requestedBy: null,
  approvalTimeoutSeconds: 3600,
};
/** What end-run records is what it is told. */
const endOf = (outcome: string, error: unknown = null) => ({ result: { outcome, error } });
const answers = (given: Record<string, Answer | readonly Answer[]> = {}) => ({
  'Begin run': { result: begun },
  'Find hosts': { result: { ...aPlan, hosts: [...hosts, { ...hosts[0], name: 'app-5', isNew: true }] } },
  'Check release': { result: aPlaybook },
  'Bind change': { result: { change, gate: 'required', summary: { digest: 'a' } } },
  'Wait for approval': { result: { decision: { outcome: 'approved' } } },
  'Roll out': { result: {} },
  'Probe release': { result: {} },
  'Roll back': { result: {} },
  'Record end': endOf('applied'),
  Notify: { result: {} },
  ...given,
});
const walk = async (given?: Record<string, Answer | readonly Answer[]>, input: object = {}) => {
  const { tasks, ...end } = await walkWorkflow('application-deployment', input, answers(given));
  const given_ = (name: string) => tasks.filter(([one]) => one === name).map(([, handed]) => handed);
  return { ...end, names: tasks.map(([name]) => name), handed: given_, recorded: given_('Record end')[0] };
};
const broken: Answer = { raises: 'AnsibleError' };

test('a release goes to the canary first, then to batches, and each is asked before the next', async () => {
  const { names, handed, recorded, failed } = await walk();
  expect(failed).toBeUndefined();
  expect(names).toEqual([
    'Begin run',
    'Find hosts',
    'Check release',
    'Bind change',
    'Wait for approval',
    ...['Roll out', 'Probe release', 'Roll out', 'Probe release', 'Roll out', 'Probe release'],
    'Record end',
    'Notify',
  ]);
  expect(handed('Find hosts')).toMatchObject([{ preview: true }]);
  expect(handed('Check release')).toMatchObject([{ mode: 'check', hosts }]);
  expect(handed('Bind change')).toMatchObject([{ plan: null, playbook: aPlaybook }]);
  const batches = [['app-1'], ['app-2', 'app-3'], ['app-4']];
  expect(handed('Roll out')).toMatchObject(
    batches.map((limit) => ({ mode: 'run', change, hosts, limit, role: 'app-release' })),
  );
  expect(handed('Probe release')).toMatchObject(
    batches.map((limit) => ({
      hosts,
      limit,
      port: 8080,
      path: '/healthz',
      text: 'shop 1.1.0',
      probes: 3,
      intervalSeconds: 1,
    })),
  );
  expect(recorded).toMatchObject({ outcome: 'applied', compensation: null, error: null });
});

test.each([
  ['the role fails on the canary', { 'Roll out': broken }, ['app-1']],
  [
    'a host of a later batch is unwell',
    { 'Probe release': [{ result: {} }, broken] },
    ['app-1', 'app-2', 'app-3'],
  ],
  [
    'the last batch fails',
    { 'Roll out': [{ result: {} }, { result: {} }, broken] },
    ['app-1', 'app-2', 'app-3', 'app-4'],
  ],
])('when %s, every host that was touched goes back', async (_, given, limit) => {
  const { handed, recorded, failed } = await walk({
    ...given,
    'Record end': endOf('failed', { name: 'ReleaseRolledBackError', message: '' }),
  });
  expect(handed('Roll back')).toMatchObject([{ mode: 'rollback', change, hosts, limit }]);
  expect(recorded).toMatchObject({
    outcome: 'failed',
    compensation: { kind: 'restore', outcome: 'applied' },
    error: {
      name: 'ReleaseRolledBackError',
      message: expect.stringMatching(/^Release 1\.1\.0 of shop was rolled back.*AnsibleError: It broke\.$/),
    },
  });
  expect(failed).toBe('ReleaseRolledBackError');
});

test('a rollback that fails too is told with the first error, and as one that failed', async () => {
  const { recorded } = await walk({
    'Probe release': { raises: 'ReleaseUnhealthyError' },
    'Roll back': { raises: 'HostError' },
    'Record end': endOf('failed', { name: 'ReleaseUnhealthyError', message: '' }),
  });
  expect(recorded).toMatchObject({
    outcome: 'failed',
    error: { name: 'ReleaseUnhealthyError' },
    compensation: { kind: 'restore', outcome: 'failed', message: 'HostError: It broke.' },
  });
});

test.each(['NotApprovedError', 'WorkspaceFrozenError'])(
  'what %s keeps from beginning is not taken back',
  async (raises) => {
    const end = { 'Record end': endOf('failed', { name: raises, message: '' }) };
    const first = await walk({ ...end, 'Roll out': { raises } });
    expect(first.names).not.toContain('Roll back');
    expect(first.recorded).toMatchObject({ compensation: null, error: { name: raises } });
    const later = await walk({ ...end, 'Roll out': [{ result: {} }, { raises }] });
    expect(later.names).toContain('Roll back');
  },
);

test.each(['rejected', 'expired'])('one that is %s touches nothing', async (outcome) => {
  const { names, recorded } = await walk({
    'Wait for approval': { result: { decision: { outcome } } },
    'Record end': endOf(outcome),
  });
  expect(names).not.toContain('Roll out');
  expect(recorded).toMatchObject({ outcome, error: null });
});

test('nobody is asked about a release that the store refuses, one that is everywhere already, or without hosts', async () => {
  const unknown = await walk({
    'Check release': { raises: 'ReleaseUnknownError' },
    'Record end': endOf('failed', { name: 'ReleaseUnknownError', message: '' }),
  });
  const there = await walk({ 'Bind change': { result: { change, gate: 'none', summary: null } } });
  const empty = await walk({
    'Find hosts': { result: { ...aPlan, hosts: [] } },
    'Record end': endOf('failed', { name: 'HostError', message: '' }),
  });
  for (const { names } of [unknown, there, empty]) expect(names).not.toContain('Wait for approval');
  expect(unknown.recorded).toMatchObject({ error: { name: 'ReleaseUnknownError' } });
  expect(there.recorded).toMatchObject({ outcome: 'unchanged' });
  expect(empty.recorded).toMatchObject({
    outcome: 'failed',
    error: { name: 'HostError', message: expect.stringContaining('has no host to deploy to') },
  });
});

test('deployments wait for each other, unless asked not to', async () => {
  const busy = { 'Begin run': { raises: 'WorkspaceBusyError' } };
  const end = { 'Record end': endOf('failed', { name: 'WorkspaceBusyError', message: '' }) };
  const waiting = { 'Wait for workspace': { raises: 'States.Timeout' } };
  expect((await walk({ ...busy, ...end, ...waiting })).names).toContain('Wait for workspace');
  expect((await walk({ ...busy, ...end }, { whenBusy: 'refuse' })).names).not.toContain('Wait for workspace');
});
