import { putArchive } from '../../../cli/releases';
import { deploymentOf, packRelease } from '../../../scripts/rollout/pack-release';
import { platformNow, runsOn } from '../../support/e2e-platform';

const workspace = 'demo/web-01';
const port = 8090;

/** Releases on the host that the first command made. */
export const deployment = (): void => {
  test('a release is deployed; one that is not well goes back by itself, and the one before it serves', async () => {
    const platform = await platformNow();
    const runs = runsOn(platform);
    const [host] = await runs.hosts(workspace);
    const serves = async () => (await (await fetch(`http://${host?.address}:${port}/`)).text()).trim();
    const deploy = async (version: string, environment = {}) => {
      const archive = await packRelease(version);
      const { sha256 } = await putArchive(platform.s3, platform.outputs.artifactsBucket, archive);
      const started = await runs.startOf('application-deployment', {
        workspace,
        ...deploymentOf(version, sha256),
        environment,
        port,
        rollout: { bakeSeconds: 0, probes: 1 },
        reason: 'An end-to-end test',
      });
      await runs.decide(started, 'approve');
      return { started, ended: await runs.ended(started) };
    };

    const { ended } = await deploy('1.0.0');
    expect(ended).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'applied' } });
    expect(await serves()).toBe('shop 1.0.0');

    const bad = await deploy('1.1.0', { UNWELL_AT: host?.address ?? '' });
    expect(bad.ended).toMatchObject({ status: 'FAILED', error: 'ReleaseRolledBackError' });
    expect((await runs.recordedEnd(bad.started)).result).toMatchObject({
      compensation: { kind: 'restore', outcome: 'applied' },
    });
    expect(await serves()).toBe('shop 1.0.0');
    await runs.freed(workspace);
  });
};
