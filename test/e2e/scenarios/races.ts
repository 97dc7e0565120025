import { decideOverHttp } from '../../../local/approve-client';
import { runRaces } from '../../../scripts/race/run-races';
import { eventually, inputFor, platformNow, runsOn } from '../../support/e2e-platform';

/** Runs that want one workspace at the same time: by their input they are refused, or wait in order. */
export const races = (): void => {
  const input = (whenBusy: 'refuse' | 'wait') => inputFor('e2e/raced', { whenBusy });

  test('of two runs for one workspace the second is refused, or waits and gets it after the first', async () => {
    const runs = runsOn(await platformNow());
    const first = await runs.start(input('refuse'));
    const link = await runs.link(first);

    const refused = await runs.start(input('refuse'));
    expect(await runs.ended(refused)).toMatchObject({
      status: 'FAILED',
      error: 'WorkspaceBusyError',
      cause: expect.stringContaining(`e2e/raced is busy with run ${first.runId}`),
    });

    const queue = async () => (await runs.lease('e2e/raced'))?.queue ?? [];
    const waiting = async (...runIds: string[]) =>
      eventually(`the queue ${runIds.join(', ')}`, async () =>
        JSON.stringify(await queue()) === JSON.stringify(runIds) ? true : undefined,
      );
    const stopped = await runs.start(input('wait'));
    await waiting(stopped.runId);
    const second = await runs.start(input('wait'));
    await waiting(stopped.runId, second.runId);
    await runs.stop(stopped);
    await waiting(second.runId);
    expect(await runs.recordedEnd(stopped)).toMatchObject({ result: { error: { name: 'RunStoppedError' } } });

    await decideOverHttp(link, { decision: 'reject' });
    expect((await runs.ended(first)).output).toMatchObject({ outcome: 'rejected' });
    await runs.decide(second, 'reject');
    expect((await runs.ended(second)).output).toMatchObject({ outcome: 'rejected' });
    await runs.freed('e2e/raced');
  });

  test('runs of a tenant with a cap of one wait in order, each in a workspace of its own', async () => {
    const runs = runsOn(await platformNow());
    const of = (name: string, whenBusy: 'refuse' | 'wait') => inputFor(`one-by-one/${name}`, { whenBusy });
    const first = await runs.start(of('a', 'refuse'));
    await runs.link(first);
    expect(await runs.ended(await runs.start(of('b', 'refuse')))).toMatchObject({
      status: 'FAILED',
      error: 'TenantBusyError',
      cause: expect.stringContaining(`one-by-one/a with run ${first.runId}`),
    });

    const waiting = async (...runIds: string[]) =>
      eventually(`the line ${runIds.join(', ')}`, async () => {
        const { queue = [] } = (await runs.lease('tenant:one-by-one')) ?? {};
        const inLine = (queue as { runId: string }[]).map(({ runId }) => runId);
        return JSON.stringify(inLine) === JSON.stringify(runIds) ? true : undefined;
      });
    const second = await runs.start(of('b', 'wait'));
    await waiting(second.runId);
    const third = await runs.start(of('c', 'wait'));
    await waiting(second.runId, third.runId);
    await runs.decide(first, 'reject');
    await runs.decide(second, 'reject');
    await runs.decide(third, 'reject');
    for (const run of [first, second, third])
      expect((await runs.ended(run)).output).toMatchObject({ outcome: 'rejected' });
    await runs.freed('one-by-one/c');
    expect(await runs.lease('tenant:one-by-one')).toBeUndefined();
  });

  test('of 32 answers at the same moment one decides, and the others are told', async () => {
    const { file, outputs, ...platform } = await platformNow();
    const raced = await runRaces(
      { ...platform, ...outputs, gatewayUrl: file.gatewayUrl },
      { rounds: 10, answers: 32 },
    );
    expect(raced).toMatchObject({ rounds: 10, answers: 320, violations: [] });
  });
};
