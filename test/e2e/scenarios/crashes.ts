import { decideOverHttp } from '../../../local/approve-client';
import {
  eventually,
  inputFor,
  platformNow,
  reportIn,
  runCommand,
  runsOn,
  spawnCommand,
  stateDir,
} from '../../support/e2e-platform';
import { leftoversAfter } from '../../support/leftovers';

const secondsUntilGone = 20;

/** Processes that are killed without a chance to clean up. These come last: they end the platform. */
export const crashes = (): void => {
  const input = inputFor('e2e/crash', { role: 'baseline' });
  const interrupted: { runId: string; executionArn: string }[] = [];

  test('a killed supervisor leaves no process, machine or mount behind', async () => {
    const platform = await platformNow();
    const runs = runsOn(platform);
    const run = await runs.start(input);
    await decideOverHttp(await runs.link(run), { decision: 'approve' });
    await runs.worker(run, 'ansible-run');
    process.kill(platform.file.supervisor.pid, 'SIGKILL');
    interrupted.push(run);
    expect(await leftoversAfter(stateDir, secondsUntilGone)).toEqual([]);
  });

  test('so does a killed npm start, and the run before is recorded as failed', async () => {
    const child = spawnCommand(['--json', '--input', '-']);
    child.stdin.end(JSON.stringify(input));
    child.stdout.resume();
    let progress = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      progress += text;
    });
    const closed = new Promise((done) => child.once('close', done));
    const link = await eventually(
      'the printed link',
      () => /(http\S+\/approvals\/\S+)/.exec(progress)?.[1],
      150,
    );
    const runs = runsOn(await platformNow());
    const [before] = interrupted;
    if (!before) throw new Error('No run was interrupted before.');
    expect(await runs.recordedEnd(before)).toMatchObject({ outcome: 'failed', workspace: 'e2e/crash' });
    await runs.endMail(before);
    const runId = /approvals\/(.+)-[0-9a-f]{8}\?/.exec(link)?.[1] ?? '';
    interrupted.push({ runId, executionArn: String((await runs.record(runId))?.executionArn) });
    child.kill('SIGKILL');
    await closed;
    expect(await leftoversAfter(stateDir, secondsUntilGone)).toEqual([]);
  });

  test('the next start works on the same workspace, and ends without a trace', async () => {
    const next = await runCommand(['--reject', '--json'], { input });
    expect(next.stderr).not.toContain('Error');
    expect(reportIn(next)).toMatchObject({ outcome: 'rejected', error: null });
    expect(next.code).toBe(0);
    expect(await leftoversAfter(stateDir, secondsUntilGone)).toEqual([]);
  });

  test('--stop says that nothing is up when nothing is, and ends what was kept', async () => {
    const kept = await runCommand(['--keep', '--reject', '--json'], { input });
    expect(reportIn(kept)).toMatchObject({ outcome: 'rejected' });
    const runs = runsOn(await platformNow());
    for (const run of interrupted)
      expect(await runs.recordedEnd(run)).toMatchObject({
        outcome: 'failed',
        result: { error: { name: 'RunStoppedError' } },
      });
    await runs.freed('e2e/crash');
    const stopped = await runCommand(['--stop', '--json']);
    expect([stopped.code, stopped.stdout]).toEqual([0, '{"stopped":true}\n']);
    expect(await leftoversAfter(stateDir, secondsUntilGone)).toEqual([]);
    const again = await runCommand(['--stop', '--json']);
    expect([again.code, again.stdout]).toEqual([0, '{"stopped":false}\n']);
  });
};
