import { walkWorkflow } from '../support/walk-workflow';

const walk = (input: object, answers: Parameters<typeof walkWorkflow>[2]) =>
  walkWorkflow('drift-check', { workspace: 'demo/web-01', ...input }, { Notify: { result: {} }, ...answers });

test('a check of a sweep leaves a busy workspace alone, and that is no failure', async () => {
  const { tasks, failed } = await walk(
    { whenBusy: 'skip', partOf: 'run-0' },
    {
      'Begin run': { raises: 'WorkspaceBusyError' },
      'Record end': { result: { outcome: 'skipped', error: null } },
    },
  );
  expect(tasks.map(([name]) => name)).toEqual(['Begin run', 'Record end']);
  expect(tasks[1]?.[1]).toMatchObject({ outcome: 'skipped', error: null });
  expect(failed).toBeUndefined();
});
