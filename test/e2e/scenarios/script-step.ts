import { decideOverHttp } from '../../../local/approve-client';
import { platformNow, runsOn } from '../../support/e2e-platform';

/** A script is a change as any other: shown, approved, run once. */
export const scriptStep = (): void => {
  test('a script is shown with its source, runs once it is approved, and leaves its workspace free', async () => {
    const platform = await platformNow();
    const runs = runsOn(platform);
    const workspace = 'e2e/scripted';
    const url = platform.file.inboxUrl;
    const run = await runs.startOf('run-script', {
      workspace,
      script: 'http-probe',
      parameters: { url, tries: 1 },
      reason: 'An end-to-end test',
    });
    const link = await runs.link(run);
    const page = await (await fetch(link)).text();
    expect(page).toContain(`Runs the script http-probe for ${workspace}.`);
    expect(page).toContain('PARAMETERS_FILE');
    expect(page).toContain(url);
    await decideOverHttp(link, { decision: 'approve' });
    const ended = await runs.ended(run);
    const output = { workflow: 'run-script', workspace, outcome: 'applied' };
    expect(ended).toMatchObject({ status: 'SUCCEEDED', error: null, cause: null, output });
    const stored = await runs.versions(platform.outputs.artifactsBucket, `runs/${run.runId}/results/script-`);
    const result = stored.find(({ Key = '' }) => !Key.endsWith('.started.json'))?.Key ?? '';
    expect(JSON.parse(await runs.read(platform.outputs.artifactsBucket, result))).toMatchObject({
      script: 'http-probe',
      exitCode: 0,
      result: { status: 200, tries: 1 },
    });
    await runs.freed(workspace);
  });
};
