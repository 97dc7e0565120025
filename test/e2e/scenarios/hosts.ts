import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { complianceDocument } from '../../../lambdas/shared/compliance-document';
import { type CommandResult, platformNow, reportIn, repository, runsOn } from '../../support/e2e-platform';

const run = promisify(execFile);

/** The host that the first run made, from outside. */
export const hosts = (first: () => CommandResult): void => {
  test('lets its maker in by the printed command', async () => {
    const [, command = ''] = /(ssh -F \S+ web-01)/.exec(first().stderr) ?? [];
    const { stdout } = await run(
      'sh',
      ['-c', `${command} 'hostname; sudo id -u; systemctl is-active web-service'`],
      {
        cwd: repository,
      },
    );
    expect(stdout.trim().split('\n')).toEqual(['web-01', '0', 'active']);
  });

  test('serves its page at the printed address', async () => {
    const { links } = reportIn(first());
    expect(first().stderr).toContain(`curl ${links.service}`);
    const response = await fetch(links.service ?? '');
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('It works.');
  });

  test('complies: every rule of the stored report passes or does not apply', async () => {
    const { links, runId } = reportIn(first());
    const { outputs, ...platform } = await platformNow();
    const key = `runs/${runId}/compliance.json`;
    expect(links.report).toBe(`s3://${outputs.artifactsBucket}/${key}`);
    const text = await runsOn({ outputs, ...platform }).read(outputs.artifactsBucket, key);
    const document = complianceDocument.parse(JSON.parse(text));
    expect(document.hosts.map(({ name }) => name)).toEqual(['web-01']);
    const rules = document.hosts.flatMap((host) => host.rules);
    expect(rules.length).toBeGreaterThan(10);
    expect(rules.filter(({ status }) => status !== 'pass' && status !== 'not-applicable')).toEqual([]);
    expect(rules.some(({ status }) => status === 'pass')).toBe(true);
  });

  test('its logs are legible: no word that is no secret is masked', async () => {
    const { runId } = reportIn(first());
    const platform = await platformNow();
    const runs = runsOn(platform);
    const bucket = platform.outputs.artifactsBucket;
    const stored = await runs.versions(bucket, `runs/${runId}/logs/`);
    const logs = await Promise.all(stored.map(({ Key = '' }) => runs.read(bucket, Key)));
    // Paths of this state hold the word "tests", which was also the secret key of the emulator once.
    expect(logs.join('')).toContain('tests');
    expect(logs.filter((log) => log.includes('(sensitive)'))).toEqual([]);
  });
};
