import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import { platformNow, runsOn } from '../../support/e2e-platform';
import { databaseOn, queryAs } from '../../support/provisioned-database';

/** A database on the host that the first command made. */
export const database = (): void => {
  test('a database is made after approval, its secret signs in, and a second run changes nothing', async () => {
    const platform = await platformNow();
    const runs = runsOn(platform);
    const { start, read, secretsManager, secretId } = databaseOn(platform, runs, 'orders');
    const made = await start();
    const page = await (await fetch(await runs.link(made))).text();
    expect(page).toContain('postgresql-database');
    await runs.decide(made, 'approve');
    expect((await runs.ended(made)).output).toMatchObject({ outcome: 'applied', summary: { add: 0 } });

    const credential = await read();
    expect(page).not.toContain(credential.password);
    expect(await queryAs(credential, 'SELECT session_user, current_user')).toEqual([
      ['orders_owner_1', 'orders_owner'],
    ]);
    expect(
      await queryAs(
        credential,
        `SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname LIKE 'orders_owner%' ORDER BY 1`,
      ),
    ).toEqual([
      ['orders_owner', false],
      ['orders_owner_1', true],
      ['orders_owner_2', false],
    ]);
    const { Tags = [] } = await secretsManager.send(new DescribeSecretCommand({ SecretId: secretId }));
    expect(Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]))).toMatchObject({
      workspace: 'demo/web-01',
      owner: 'shop-team',
      'rotation-strategy': 'postgresql-alternating-users',
      'rotation-days': '90',
    });

    const again = await start();
    expect((await runs.ended(again)).output).toMatchObject({ outcome: 'unchanged', decision: null });
    expect(await read()).toEqual(credential);
  });
};
