import {
  ListSecretsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { deploy } from '../../../local/deploy';
import { makeVisitorOfPages } from '../../support/cookie-jar';
import {
  eventually,
  inputFor,
  platformNow,
  repository,
  runCommand,
  runsOn,
  stateDir,
} from '../../support/e2e-platform';
import { clientSecret, type OpenIdProvider, startOpenIdProvider } from '../../support/openid-provider';

/** The same app, deployed with an OpenID provider. This comes last: links of mails decide nothing afterwards. */
export const signIn = (): void => {
  let provider: OpenIdProvider | undefined;
  afterAll(() => provider?.stop());

  const deployWithSignIn = async () => {
    // Whatever became of the platform before.
    await runCommand(['--keep', '--reject', '--json'], { input: inputFor('e2e/before-sign-in') });
    const { file, outputs, cloudFormation } = await platformNow();
    const { gatewayUrl, hostControllerUrl, hostControllerTokenFile } = file;
    provider = await startOpenIdProvider(`${outputs.publicUrl}/sign-in/callback`);
    await deploy({
      repository,
      stateDir,
      gatewayUrl,
      settings: {
        gatewayPort: Number(new URL(gatewayUrl).port),
        hostControllerUrl,
        hostControllerTokenFile,
        signIn: {
          issuer: provider.issuer,
          clientId: 'orchestrator',
          confidential: true,
          scopes: ['openid', 'email', 'groups'],
          personClaim: 'email',
          groupsClaim: 'groups',
          groups: { approver: ['app-approvers'], auditor: ['app-auditors'] },
          sessionMinutes: 60,
          idleMinutes: 30,
        },
      },
      cloudFormation,
      note: () => undefined,
    });
    const secrets = new SecretsManagerClient({
      endpoint: gatewayUrl,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    const { SecretList = [] } = await secrets.send(new ListSecretsCommand({}));
    const own = SecretList.find(({ Name }) => Name?.includes('SignInClientSecret'));
    await secrets.send(new PutSecretValueCommand({ SecretId: own?.ARN, SecretString: clientSecret }));
    return platformNow();
  };

  test('who opens the link of a mail signs in first, and answers in their own name', async () => {
    const platform = await deployWithSignIn();
    const runs = runsOn(platform);
    const issuer = provider?.issuer ?? '';
    const workspace = 'e2e/signed-in';
    const run = await runs.start(inputFor(workspace));
    const link = await eventually('the mail without a key', async () => {
      const mails = await runs.mails();
      return mails.flatMap(({ links }) => links).find((one) => one.includes(`/approvals/${run.runId}-`));
    });
    expect(link).not.toContain('key=');

    const signedIn = async (account: string, groups: string) => {
      const visitor = makeVisitorOfPages();
      const login = await visitor.visit(link);
      expect(login.url.startsWith(issuer)).toBe(true);
      expect(login.body).not.toContain(workspace);
      return { visitor, opened: await visitor.visit(login.url, { account, groups }) };
    };
    const auditor = await signedIn('robin', 'app-auditors');
    expect(auditor.opened.body).toContain(workspace);
    expect(auditor.opened.body).not.toContain('name="decision"');

    const { visitor, opened } = await signedIn('sam', 'app-approvers');
    expect(opened).toMatchObject({ status: 200, url: link });
    const list = await visitor.visit(`${platform.outputs.publicUrl}/approvals`);
    expect(list.body).toContain(workspace);
    const form = {
      csrf: /name="csrf" value="([^"]*)"/.exec(opened.body)?.[1] ?? '',
      decision: 'reject',
      confirmation: workspace,
      comment: 'not today',
    };
    expect((await makeVisitorOfPages().visit(link, form)).status).toBe(403);
    expect((await auditor.visitor.visit(link, form)).status).toBe(403);
    const decided = await visitor.visit(link, form);
    expect(decided.body).toContain('by <strong id="decided-by">sam@example.com</strong> (you)');
    expect((await runs.ended(run)).output).toMatchObject({
      outcome: 'rejected',
      decision: { outcome: 'rejected', answers: [{ person: 'sam@example.com', comment: 'not today' }] },
    });

    // Looked at by a run that finds none due, every credential has a record.
    const looking = await runs.startOf('secret-rotation', { due: true, reason: 'An end-to-end test' });
    await runs.ended(looking);
    const credentials = await runs.scan(platform.outputs.credentialsTable);
    const shown = await auditor.visitor.visit(`${platform.outputs.publicUrl}/credentials`);
    expect(shown.status).toBe(200);
    expect(credentials.length).toBeGreaterThan(0);
    for (const { id } of credentials) expect(shown.body).toContain(String(id));

    const leaving = await visitor.visit(`${platform.outputs.publicUrl}/sign-out`);
    const csrf = /name="csrf" value="([^"]*)"/.exec(leaving.body)?.[1] ?? '';
    const left = await visitor.visit(`${platform.outputs.publicUrl}/sign-out`, { csrf });
    expect(left.body).toContain('You are signed out');
    await runs.freed(workspace);
  });
};
