import { aPlan, aPlaybook, aRun } from '../support/change-fixtures';
import { type Answer, walkWorkflow } from '../support/walk-workflow';

const host = (name: string, isNew = false) => ({ name, isNew });
const change = { id: 'run-1-12345678' };
const summary = { playbookChanged: 5 };
const input = {
  run: aRun,
  workflow: 'database-provisioning',
  module: 'local-host',
  pin: { digest: 'a', upgrade: false },
  variables: { name: 'web-01' },
  role: 'web-service',
  roleVariables: { web_service_port: 81 },
  places: { plan: { runsOn: 'fargate' } },
  reason: 'a test',
  requestedBy: null,
  approvalTimeoutSeconds: 3600,
};
const hosts = [host('web-01'), host('web-02'), host('web-03', true)];

const walk = (given: Record<string, Answer> = {}, more: object = {}) =>
  walkWorkflow(
    'role-change',
    { ...input, ...more },
    {
      'Find hosts': { result: { ...aPlan, hosts } },
      'Preview configuration': { result: aPlaybook },
      'Bind change': { result: { change, gate: 'required', summary } },
      'Wait for approval': { result: { decision: { outcome: 'approved' } } },
      'Configure hosts': { result: {} },
      ...given,
    },
  );

test('a role is previewed on the hosts that there are, bound without a plan, asked about, and played', async () => {
  const { tasks, output } = await walk();
  const there = [host('web-01'), host('web-02')];
  const variables = { web_service_port: 81 };
  expect(tasks).toMatchObject([
    ['Find hosts', { module: 'local-host', pin: input.pin, runsOn: 'fargate', preview: true }],
    ['Preview configuration', { mode: 'check', role: 'web-service', variables, hosts: there, pin: null }],
    ['Bind change', { workflow: 'database-provisioning', plan: null, playbook: aPlaybook }],
    ['Wait for approval', { change, timeoutSeconds: 3600 }],
    ['Configure hosts', { mode: 'run', role: 'web-service', variables, hosts: there, change }],
  ]);
  expect(output).toEqual({
    outcome: 'applied',
    change,
    decision: { outcome: 'approved' },
    summary,
    hosts: there,
  });
});

test('hosts that are named are the only ones that it touches', async () => {
  const { tasks, output } = await walk({}, { hosts: ['web-02'] });
  expect(tasks.at(-1)?.[1]).toMatchObject({ hosts: [host('web-02')] });
  expect(output).toMatchObject({ hosts: [host('web-02')] });
});

test.each([
  ['without a host', hosts.slice(2), undefined],
  ['without a host that is named', hosts, ['web-01', 'web-03']],
])('a workspace %s is a named error, before anything is looked at', async (_, found, named) => {
  const walked = await walk(
    { 'Find hosts': { result: { ...aPlan, hosts: found } } },
    named ? { hosts: named } : {},
  );
  expect(walked.failed).toBe('HostError');
  expect(walked.tasks.map(([name]) => name)).toEqual(['Find hosts']);
});

test('nobody is asked where the role changes nothing', async () => {
  const { tasks, output } = await walk({ 'Bind change': { result: { change, gate: 'none', summary } } });
  expect(tasks).toHaveLength(3);
  expect(output).toMatchObject({ outcome: 'unchanged', decision: null });
});

test.each(['rejected', 'expired'])('what is %s touches nothing', async (outcome) => {
  const { tasks, output } = await walk({ 'Wait for approval': { result: { decision: { outcome } } } });
  expect(tasks.map(([name]) => name)).not.toContain('Configure hosts');
  expect(output).toMatchObject({ outcome, decision: { outcome } });
});

test.each(['Find hosts', 'Preview configuration', 'Bind change', 'Wait for approval', 'Configure hosts'])(
  'a failure of "%s" fails it under its own name',
  async (name) => {
    expect((await walk({ [name]: { raises: 'AnsibleError' } })).failed).toBe('AnsibleError');
  },
);
