import { aRun } from '../support/change-fixtures';
import { type Answer, walkWorkflow } from '../support/walk-workflow';

const begun = {
  run: aRun,
  module: 'local-host',
  variables: { name: 'web-01' },
  role: 'postgresql-database',
  roleVariables: { postgresql_database_name: 'orders' },
  pins: { module: { digest: 'a', upgrade: false }, role: null },
  places: { plan: { runsOn: 'lambda' } },
  reason: 'a test',
  requestedBy: null,
  approvalTimeoutSeconds: 3600,
  attempt: 2,
  upgrade: false,
};
const walk = (made: Answer, ended: object, input: object = {}) =>
  walkWorkflow('database-provisioning', input, {
    'Begin run': { result: begun },
    'Make database': made,
    'Record end': { result: { error: null, ...ended } },
    Notify: { result: {} },
  });
const applied = { outcome: 'applied', summary: { playbookChanged: 9 }, decision: { outcome: 'approved' } };

test('the block role-change does it all', async () => {
  const { tasks, output, failed } = await walk({ result: applied }, { outcome: 'applied' });
  const { attempt: _, pins, upgrade: __, ...handed } = begun;
  expect(tasks).toMatchObject([
    ['Begin run', { workflow: 'database-provisioning' }],
    ['Make database', {}],
    ['Record end', { ...applied, error: null, compliance: null }],
    ['Notify', { outcome: 'applied' }],
  ]);
  expect(tasks[1]?.[1]).toEqual({
    AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: 'arn:execution:run-1',
    ...handed,
    workflow: 'database-provisioning',
    pin: pins.module,
  });
  expect(output).toMatchObject({ outcome: 'applied' });
  expect(failed).toBeUndefined();
});

test('a host that is named is the only one', async () => {
  const { tasks } = await walk({ result: applied }, { outcome: 'applied' }, { host: 'web-02' });
  expect(tasks[1]?.[1]).toMatchObject({ hosts: ['web-02'] });
});

test('a failure is recorded, told, and then the end', async () => {
  const error = { name: 'ForeignSecretError', message: 'It is not ours.' };
  const { tasks, failed } = await walk({ raises: error.name }, { outcome: 'failed', error });
  expect(tasks.map(([name]) => name)).toEqual(['Begin run', 'Make database', 'Record end', 'Notify']);
  expect(tasks[2]?.[1]).toMatchObject({ outcome: 'failed', error: { name: error.name } });
  expect(failed).toBe(error.name);
});
