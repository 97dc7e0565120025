import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { scheduleOnce, targetOfSchedule } from '../../../local/schedules';
import { eventually, platformNow, runsOn } from '../../support/e2e-platform';

/** What the clock starts, with the target of a schedule that this environment's configuration deploys. */
export const schedules = (): void => {
  test('a schedule starts a run under its own name, which ends as any other', async () => {
    const platform = await platformNow();
    const { gatewayUrl } = platform.file;
    const runs = runsOn(platform);
    const target = await targetOfSchedule(gatewayUrl, 'nightly-drift');
    await scheduleOnce(gatewayUrl, { name: 'e2e-schedule', at: new Date(), target });
    const started = await eventually('a scheduled run', async () => {
      const { executions = [] } = await platform.stepFunctions.send(
        new ListExecutionsCommand({ stateMachineArn: platform.outputs.stateMachines['drift-check'] }),
      );
      const [first, ...more] = executions.filter(({ name = '' }) => name.startsWith('nightly-drift-'));
      expect(more).toEqual([]);
      return first?.name;
    });
    const ended = await runs.recordedEnd({ runId: started, executionArn: '' });
    expect(ended).toMatchObject({
      workflow: 'drift-check',
      workspace: 'demo/web-01',
      content: { requestedBy: 'schedule:nightly-drift', reason: 'Nightly drift check' },
      result: { outcome: 'clean' },
    });
  });
};
