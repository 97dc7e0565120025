import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RoleContent } from '../../../lambdas/runners/role-content';
import { resolveRoleSecrets } from '../../../lambdas/runners/role-secrets';
import type { Host, Variables } from '../../../lambdas/shared/contract';
import { ForeignSecretError, InvalidInputError } from '../../../lambdas/shared/errors';
import { inMemorySecrets } from '../../support/in-memory-secrets';

const folder = join(__dirname, '../../../ansible/roles/postgresql-database');
const roleWith = (paths: readonly string[]): RoleContent => ({
  name: 'postgresql-database',
  digest: '',
  roles: [
    {
      name: 'postgresql-database',
      digest: '',
      files: new Map(paths.map((path) => [path, readFileSync(join(folder, path))])),
    },
  ],
});
const role = roleWith(['meta/secrets.yml', 'defaults/main.yml']);
const host = (name: string): Host => ({
  name,
  address: '127.0.1.2',
  port: 22,
  user: 'ops',
  hostKeys: ['ssh-ed25519 AAAA'],
  id: name,
});
const workspace = 'demo/web-01';
const id = 'demo/web-01/orders';
const given: Variables = {
  postgresql_database_name: 'orders',
  postgresql_database_team: 'shop-team',
  postgresql_database_consumers: ['shop', 'report'],
};
const wanted = (more: object = {}) => ({
  role,
  variables: given,
  workspace,
  hosts: [host('web-01')],
  check: false,
  ...more,
});
const login = (username = 'orders_owner_1') => ({ username, password: 'a-password-that-is-kept' });
const own = (value: object = login(), tags = {}) => ({
  [id]: { value: JSON.stringify(value), tags: { workspace, ...tags } },
});
const held = (store: ReturnType<typeof inMemorySecrets>) => JSON.parse(store.stored.get(id)?.value ?? '');

test('a secret that is not there is made, tagged for its rotation, and handed to the play', async () => {
  const store = inMemorySecrets();
  const { variables, passwords } = await resolveRoleSecrets(store, wanted());
  const [password] = passwords;
  expect(password).toMatch(/^[A-Za-z2-9]{40}$/);
  expect(held(store)).toEqual({
    engine: 'postgres',
    host: '127.0.1.2',
    port: '5432',
    dbname: 'orders',
    username: 'orders_owner_1',
    password,
  });
  expect(variables).toEqual({ postgresql_database_credentials: held(store) });
  expect(store.stored.get(id)?.tags).toEqual({
    workspace,
    owner: 'shop-team',
    consumers: 'shop report',
    'rotation-days': '90',
    'rotation-strategy': 'postgresql-alternating-users',
  });
});

test('a second time nothing is made and the password stays, after a run that was killed in between too', async () => {
  const store = inMemorySecrets();
  const first = await resolveRoleSecrets(store, wanted());
  const second = await resolveRoleSecrets(store, wanted());
  expect(second).toEqual(first);
  expect(store.done).toEqual([`create ${id}`]);
});

test('the same in another order or spacing makes no new version', async () => {
  const store = inMemorySecrets();
  await resolveRoleSecrets(store, wanted());
  const { value, tags } = store.stored.get(id) ?? { value: undefined, tags: {} };
  const turned = Object.fromEntries(Object.entries(JSON.parse(value ?? '')).reverse());
  store.stored.set(id, { value: JSON.stringify(turned, null, 2), tags });
  await resolveRoleSecrets(store, wanted());
  expect(store.done).toEqual([`create ${id}`]);
});

test('a login that a rotation changed over to stays, where the server has moved', async () => {
  const store = inMemorySecrets(own({ ...login('orders_owner_2'), host: '127.9.9.9' }));
  await resolveRoleSecrets(store, wanted());
  expect(store.done).toEqual([`update ${id}`]);
  expect(held(store)).toMatchObject({ ...login('orders_owner_2'), host: '127.0.1.2' });
});

test('a preview makes and changes nothing, with a secret or without', async () => {
  const none = inMemorySecrets();
  const { variables } = await resolveRoleSecrets(none, wanted({ check: true }));
  expect(variables).toHaveProperty('postgresql_database_credentials.username', 'orders_owner_1');
  expect(none.stored.size).toBe(0);
  const kept = inMemorySecrets(own());
  expect((await resolveRoleSecrets(kept, wanted({ check: true }))).passwords).toEqual([login().password]);
  expect(kept.done).toEqual([]);
});

test.each([
  ['of another workspace', own(login(), { workspace: 'demo/other' }), /not tagged as one of the workspace/],
  ['with tags of nobody', { [id]: { value: JSON.stringify(login()), tags: {} } }, /not tagged/],
  ['that is no JSON', { [id]: { value: 'plain', tags: { workspace } } }, /no username and password/],
  ['that is being deleted', { [id]: { value: undefined, tags: { workspace } } }, /being deleted/],
  ['with a login of another name', own(login('postgres')), /login of another name/],
])('a secret %s is refused and stays as it was', async (_, stored, message) => {
  const store = inMemorySecrets(stored);
  const resolving = resolveRoleSecrets(store, wanted());
  await expect(resolving).rejects.toThrow(ForeignSecretError);
  await expect(resolving).rejects.toThrow(message);
  await expect(resolving).rejects.not.toThrow(/a-password|plain/);
  expect(store.done).toEqual([]);
});

test.each([
  [
    'a name that leads elsewhere',
    { postgresql_database_name: '../../other/web/orders' },
    /cannot be the name/,
  ],
  [
    'a name that is missing',
    { postgresql_database_name: null },
    /needs the variable postgresql_database_name/,
  ],
  ['a tag that AWS refuses', { postgresql_database_team: 'shop\nteam' }, /cannot be the tag/],
])('refuses %s', async (_, more, message) => {
  const store = inMemorySecrets();
  const resolving = resolveRoleSecrets(store, wanted({ variables: { ...given, ...more } }));
  await expect(resolving).rejects.toThrow(InvalidInputError);
  await expect(resolving).rejects.toThrow(message);
  expect(store.done).toEqual([]);
});

test('one host, since the secret names it', async () => {
  const store = inMemorySecrets();
  await expect(
    resolveRoleSecrets(store, wanted({ hosts: [host('web-01'), host('web-02')] })),
  ).rejects.toThrow('not for web-01, web-02');
});

test('a role that declares none gets none', async () => {
  const nothing = { variables: {}, passwords: [] };
  expect(await resolveRoleSecrets(inMemorySecrets(), wanted({ role: roleWith([]) }))).toEqual(nothing);
  expect(await resolveRoleSecrets(inMemorySecrets(), wanted({ hosts: [] }))).toEqual(nothing);
});
