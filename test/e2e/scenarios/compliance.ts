import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { complianceReport } from '../../../lambdas/shared/compliance-report';
import { type CommandResult, platformNow, repository, runsOn } from '../../support/e2e-platform';

const run = promisify(execFile);

/** How the example's host stands with the rules. */
export const compliance = (first: () => CommandResult): void => {
  test('a rule that somebody broke on a host by hand is found, told once, until it is kept again', async () => {
    const platform = await platformNow();
    const runs = runsOn(platform);
    const [, ssh = ''] = /(ssh -F \S+ web-01)/.exec(first().stderr) ?? [];
    const byHand = (command: string) => run('sh', ['-c', `${ssh} '${command}'`], { cwd: repository });
    const check = async () => {
      const started = await runs.startOf('compliance-check', {
        workspace: 'demo/web-01',
        whenBusy: 'wait',
      });
      const { status, output, stages } = await runs.ended(started);
      expect({ status, output }).toMatchObject({ status: 'SUCCEEDED' });
      const read = (kind: string) =>
        runs.read(platform.outputs.artifactsBucket, `runs/${started.runId}/compliance-report.${kind}`);
      return {
        output,
        report: complianceReport.parse(JSON.parse(await read('json'))),
        page: await read('html'),
        told: stages.some(({ name }) => name === 'Notify'),
      };
    };

    await byHand('sudo chmod 644 /etc/shadow');
    const broken = await check();
    expect(broken).toMatchObject({
      output: { outcome: 'noncompliant', compliance: { failed: 1, check: { new: 1 } } },
      told: true,
    });
    expect(broken.report.results.filter(({ status }) => status === 'fail')).toMatchObject([
      { id: 'files-passwords', in: 'host', what: 'web-01', evidence: expect.stringContaining('0644') },
    ]);
    expect(broken.page).toContain('One rule is not kept.');

    await byHand('sudo chmod 640 /etc/shadow');
    expect(await check()).toMatchObject({
      output: { outcome: 'clean', compliance: { failed: 0, check: { since: null } } },
      told: false,
    });
  });
};
