import {
  GetSecretValueCommand,
  ListSecretsCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { openForm, sendForm } from '../../support/approval-form';
import { inputFor, platformNow, runsOn } from '../../support/e2e-platform';

/** The product rotates what it signs with. */
export const ownKey = (): void => {
  test('the key of the pages is found and rotated while somebody decides, who notices nothing', async () => {
    const platform = await platformNow();
    const runs = runsOn(platform);
    const secrets = new SecretsManagerClient({
      endpoint: platform.file.gatewayUrl,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    const { SecretList = [] } = await secrets.send(new ListSecretsCommand({}));
    const name = SecretList.find(({ Name }) => Name?.includes('PageSecret'))?.Name ?? '';
    const key = async (VersionStage: 'AWSCURRENT' | 'AWSPREVIOUS') =>
      (await secrets.send(new GetSecretValueCommand({ SecretId: name, VersionStage }))).SecretString;
    const before = await key('AWSCURRENT');

    const run = await runs.start(inputFor('e2e/own-key'));
    const link = await runs.link(run);
    const opened = await openForm(link);

    const due = await runs.ended(await runs.startOf('secret-rotation', { due: true }));
    expect(due).toMatchObject({ error: null, cause: null, output: { rotation: { failed: 0 } } });
    expect(await runs.scan(platform.outputs.credentialsTable)).toContainEqual(
      expect.objectContaining({ id: name, strategy: 'signing-key', owner: 'orchestrator' }),
    );
    const forced = await runs.ended(
      await runs.startOf('secret-rotation', {
        credentials: [name],
        force: true,
        reason: 'An end-to-end test',
      }),
    );
    expect(forced).toMatchObject({
      error: null,
      cause: null,
      output: { outcome: 'applied', rotation: { credentials: 1, draining: 1, failed: 0 } },
    });
    expect(await key('AWSPREVIOUS')).toBe(before);
    expect(await key('AWSCURRENT')).not.toBe(before);

    const page = await fetch(link);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('e2e/own-key');
    const sent = await sendForm(opened, { fields: { decision: 'reject' } });
    expect(sent.status).toBe(303);
    expect((await runs.ended(run)).output).toMatchObject({ outcome: 'rejected' });
  });
};
