import { decideOverHttp } from '../../../local/approve-client';
import { inputFor, platformNow, runsOn } from '../../support/e2e-platform';

/** Runs that fail say what failed, by a name that scripts can match and a sentence for people. */
export const failures = (): void => {
  const fail = async (
    input: Parameters<ReturnType<typeof runsOn>['start']>[0],
    { approvals }: { approvals: number },
  ) => {
    const runs = runsOn(await platformNow());
    const run = await runs.start(input);
    for (let nth = 0; nth < approvals; nth++) await runs.decide(run, 'approve', nth);
    const ended = await runs.ended(run);
    const mail = await runs.endMail(run);
    expect(ended.status).toBe('FAILED');
    expect(mail.body).toContain(`${ended.error}: `);
    expect((await runs.recordedEnd(run)).outcome).toBe('failed');
    await runs.freed(String(input.workspace));
    return { code: ended.error, cause: ended.cause ?? '', stages: ended.stages, mail: mail.body };
  };

  test('an input that does not fit fails at its first step', async () => {
    const failed = await fail(inputFor('e2e/no-module', { module: 'castle' }), { approvals: 0 });
    expect(failed).toMatchObject({ code: 'InvalidInputError', cause: expect.stringMatching(/castle/) });
  });

  test('a value that the module refuses fails the plan with the reason', async () => {
    const input = inputFor('e2e/wrong-address', {}, { address: '10.0.0.1' });
    const failed = await fail(input, { approvals: 0 });
    expect(failed).toMatchObject({
      code: 'InvalidInputError',
      cause: expect.stringMatching(/^The variable address .*127\.x\.y\.z/),
    });
  });

  test('a host that cannot be made fails the apply and names the host controller', async () => {
    const [taken] = await runsOn(await platformNow()).hosts('demo/web-01');
    const input = inputFor('e2e/taken', { role: 'baseline' }, { address: taken?.address ?? '' });
    const failed = await fail(input, { approvals: 1 });
    expect(failed).toMatchObject({
      code: 'HostError',
      cause: expect.stringContaining(taken?.address ?? '?'),
    });
    expect(failed.stages.find(({ name }) => name === 'Apply change')?.status).toBe('failed');
  });

  test('a role that fails names host, task and reason; what its run created is destroyed after approval', async () => {
    const workspace = 'e2e/broken-role';
    const input = inputFor(workspace, {
      role: 'baseline',
      roleVariables: { baseline_accounts: [{ name: 'root' }] },
      onFailure: 'destroy',
    });
    const failed = await fail(input, { approvals: 2 });
    expect(failed).toMatchObject({
      code: 'AnsibleError',
      cause: expect.stringMatching(/task ".+" failed on broken-role: .*The account root cannot be managed/),
    });
    expect(failed.stages.find(({ name }) => name === 'Configure hosts')?.status).toBe('failed');
    expect(failed.mail).toContain('Compensation:  destroy: done');
    expect(await runsOn(await platformNow()).hosts(workspace)).toEqual([]);
  });

  test('a second run on a workspace is turned away by the name of the first, which is unharmed', async () => {
    const runs = runsOn(await platformNow());
    const input = inputFor('e2e/busy');
    const [first, again] = await Promise.all([runs.start(input, 'e2e-busy'), runs.start(input, 'e2e-busy')]);
    expect(again).toEqual(first);
    const link = await runs.link(first);
    const second = await runs.start(input);
    const turnedAway = await runs.ended(second);
    expect(turnedAway).toMatchObject({
      status: 'FAILED',
      error: 'WorkspaceBusyError',
      cause: expect.stringContaining(first.runId),
    });
    await runs.endMail(second);
    expect(await runs.lease('e2e/busy')).toMatchObject({ runId: first.runId });
    await decideOverHttp(link, { decision: 'reject' });
    expect(await runs.ended(first)).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'rejected' } });
    await runs.freed('e2e/busy');
    const asked = (await runs.mails()).filter(
      ({ subject, body }) => subject.startsWith('Approval needed') && body.includes('e2e/busy'),
    );
    expect(asked).toHaveLength(2);
  });
};
