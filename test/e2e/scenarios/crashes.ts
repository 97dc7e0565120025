import type { StartedRun } from '../../../cli/start-run';
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
  const interrupted: StartedRun[] = [];

  /** A command with a platform of its own, waiting for a person. */
  const startToTheGate = async () => {
    const child = spawnCommand(['--json', '--input', '-']);
    child.stdin.end(JSON.stringify(input));
    child.stdout.resume();
    let progress = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      progress += text;
    });
    let ended = false;
    const closed = new Promise<number | null>((done) => child.once('close', done));
    void closed.then(() => {
      ended = true;
    });
    const link = await eventually(
      'the printed link',
      () => {
        if (ended) throw new Error(`The command ended early:\n${progress}`);
        return /(http\S+\/approvals\/\S+)/.exec(progress)?.[1];
      },
      150,
    );
    return { child, link, closed };
  };
  const runOf = async (link: string): Promise<StartedRun> => {
    const runId = /approvals\/(.+)-[0-9a-f]{8}\?/.exec(link)?.[1] ?? '';
    const record = await runsOn(await platformNow()).record(runId);
    return { runId, executionArn: String(record?.executionArn) };
  };

  test('a killed supervisor leaves no process, machine or mount behind', async () => {
    const platform = await platformNow();
    const runs = runsOn(platform);
    const run = await runs.start(input);
    await runs.decide(run, 'approve');
    await runs.worker(run, 'ansible-run');
    process.kill(platform.file.supervisor.pid, 'SIGKILL');
    interrupted.push(run);
    expect(await leftoversAfter(stateDir, secondsUntilGone)).toEqual([]);
  });

  test('so does a killed npm start, and the run before is recorded as failed', async () => {
    const { child, link, closed } = await startToTheGate();
    const runs = runsOn(await platformNow());
    const [before] = interrupted;
    if (!before) throw new Error('No run was interrupted before.');
    expect(await runs.recordedEnd(before)).toMatchObject({ outcome: 'failed', workspace: 'e2e/crash' });
    await runs.endMail(before);
    interrupted.push(await runOf(link));
    child.kill('SIGKILL');
    await closed;
    expect(await leftoversAfter(stateDir, secondsUntilGone)).toEqual([]);
  });

  test('Ctrl-C on the next start stops its run and the platform', async () => {
    const { child, link, closed } = await startToTheGate();
    interrupted.push(await runOf(link));
    child.kill('SIGINT');
    expect(await closed).toBe(130);
    expect(await leftoversAfter(stateDir, secondsUntilGone)).toEqual([]);
  });

  test('the start after that finds its hosts unchanged, and every interrupted run failed', async () => {
    const kept = await runCommand(['--keep', '--approve', '--json']);
    expect(reportIn(kept)).toMatchObject({ outcome: 'unchanged', error: null });
    expect(kept.code).toBe(0);
    const runs = runsOn(await platformNow());
    for (const run of interrupted)
      expect(await runs.recordedEnd(run)).toMatchObject({
        outcome: 'failed',
        result: { error: { name: 'RunStoppedError' } },
      });
    await runs.freed('e2e/crash');
    const next = await runs.start(input);
    await runs.decide(next, 'reject');
    expect((await runs.ended(next)).output).toMatchObject({ outcome: 'rejected' });
  });

  test('--stop ends what was kept, without a trace, and says so when nothing is up', async () => {
    const stopped = await runCommand(['--stop', '--json']);
    expect([stopped.code, stopped.stdout]).toEqual([0, '{"stopped":true}\n']);
    expect(await leftoversAfter(stateDir, secondsUntilGone)).toEqual([]);
    const again = await runCommand(['--stop', '--json']);
    expect([again.code, again.stdout]).toEqual([0, '{"stopped":false}\n']);
  });
};
