import { inputFor, platformNow, runsOn } from '../../support/e2e-platform';

const setFreeze = async (action: 'freeze' | 'unfreeze', scope: string) => {
  const runs = runsOn(await platformNow());
  const run = await runs.startOf('set-freeze', { action, scope, reason: 'An end-to-end test', by: 'sam' });
  expect((await runs.ended(run)).status).toBe('SUCCEEDED');
};

/** What operators do when runs do not end as they should. */
export const recovery = (): void => {
  test('a freeze holds a run before it configures; once it is lifted, the run is resumed there', async () => {
    const runs = runsOn(await platformNow());
    const workspace = 'e2e/resumed';
    const run = await runs.start(inputFor(workspace, { role: 'baseline' }));
    await runs.decide(run, 'approve');
    await runs.worker(run, 'terraform-apply');
    await setFreeze('freeze', workspace);
    const held = await runs.ended(run);
    expect(held).toMatchObject({
      error: 'WorkspaceFrozenError',
      cause: expect.stringMatching(
        /^e2e\/resumed is frozen until it is lifted, by sam since .*An end-to-end test/,
      ),
    });
    await runs.recordedEnd(run);
    await runs.freed(workspace);

    await setFreeze('unfreeze', workspace);
    const again = await runs.start({ workspace, resume: run.runId });
    const ended = await runs.ended(again);
    expect(ended).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'applied' } });
    const stages = ended.stages.map(({ name }) => name);
    expect(stages).toEqual(['Begin run', 'Configure hosts', 'Scan compliance', 'Record end', 'Notify']);
  });
};
