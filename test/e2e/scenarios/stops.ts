import { DescribeStateMachineCommand, UpdateStateMachineCommand } from '@aws-sdk/client-sfn';
import { decideOverHttp } from '../../../local/approve-client';
import { openForm, sendForm } from '../../support/approval-form';
import { eventually, inputFor, platformNow, runsOn } from '../../support/e2e-platform';

type Runs = ReturnType<typeof runsOn>;
type Run = Awaited<ReturnType<Runs['start']>>;

const expectFailed = async (runs: Runs, run: Run, workspace: string, code: string): Promise<void> => {
  const record = await runs.recordedEnd(run);
  expect(record).toMatchObject({ outcome: 'failed', result: { error: { name: code } } });
  const mail = await runs.endMail(run);
  expect(mail.subject).toBe(`Run failed: ${workspace} (${run.runId})`.slice(0, 99));
  expect(mail.body).toContain(`${code}: `);
  await runs.freed(workspace);
};

/** The workspace can be used again: a new run asks, and is turned down. */
const expectUsable = async (runs: Runs, input: Parameters<Runs['start']>[0]): Promise<void> => {
  const next = await runs.start(input);
  await runs.decide(next, 'reject');
  expect((await runs.ended(next)).output).toMatchObject({ outcome: 'rejected' });
};

/** Runs that somebody, or time, ends before they are through. */
export const stops = (expiring: () => Promise<Run>): void => {
  test('a run stopped while it waits: recorded, mailed, its approval void, its workspace free', async () => {
    const runs = runsOn(await platformNow());
    const input = inputFor('e2e/stopped-waiting');
    const run = await runs.start(input);
    const link = await runs.link(run);
    const form = await openForm(link);
    await runs.stop(run);
    await expectFailed(runs, run, 'e2e/stopped-waiting', 'RunStoppedError');
    const page = await (await fetch(link)).text();
    expect(page).not.toContain('<form');
    expect(page).toMatch(/stopped|void|ended/i);
    expect((await sendForm(form, { fields: { decision: 'approve' } })).status).toBe(409);
    const approval = await runs.approval(new URL(link).pathname.split('/').at(-1) ?? '');
    expect(approval).toMatchObject({ status: 'voided', votes: [] });
    await expectUsable(runs, input);
  });

  test.each([
    ['terraform-apply', 'e2e/stopped-applying'],
    ['ansible-run', 'e2e/stopped-configuring'],
  ])(
    'a run stopped while %s works: the worker stops its tool, the workspace can be used again',
    async (task, workspace) => {
      const runs = runsOn(await platformNow());
      const input = inputFor(workspace, { role: 'baseline' });
      const run = await runs.start(input);
      const link = await runs.link(run);
      await decideOverHttp(link, { decision: 'approve' });
      await runs.worker(run, task);
      await runs.stop(run);
      await expectFailed(runs, run, workspace, 'RunStoppedError');
      expect((await runs.recordedEnd(run)).worker).toBeUndefined();
      await expectUsable(runs, input);
    },
  );

  test('a run past the time of its machine is ended as timed out', async () => {
    const platform = await platformNow();
    const runs = runsOn(platform);
    const { stepFunctions } = platform;
    const stateMachineArn = platform.outputs.stateMachines['vm-provisioning'] ?? '';
    const { definition = '' } = await stepFunctions.send(
      new DescribeStateMachineCommand({ stateMachineArn }),
    );
    const update = (text: string) =>
      stepFunctions.send(new UpdateStateMachineCommand({ stateMachineArn, definition: text }));
    let run: Run;
    try {
      await update(JSON.stringify({ ...JSON.parse(definition), TimeoutSeconds: 5 }));
      run = await runs.start(inputFor('e2e/timed-out'));
      await eventually('the run to begin', () => runs.record(run.runId));
    } finally {
      await update(definition);
    }
    expect((await runs.ended(run)).status).toBe('TIMED_OUT');
    await expectFailed(runs, run, 'e2e/timed-out', 'RunTimedOutError');
  });

  test('nobody decides in time: a clean end that says so', async () => {
    const runs = runsOn(await platformNow());
    const run = await expiring();
    const ended = await runs.ended(run);
    expect(ended).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'expired', error: null } });
    expect((await runs.endMail(run)).subject).toBe(`Run expired: e2e/expiring (${run.runId})`);
    expect((await runs.recordedEnd(run)).outcome).toBe('expired');
    await runs.freed('e2e/expiring');
    const link = await runs.link(run);
    expect(await (await fetch(link)).text()).not.toContain('<form');
    const approval = await runs.approval(new URL(link).pathname.split('/').at(-1) ?? '');
    expect(approval).toMatchObject({ status: 'expired' });
  });
};
