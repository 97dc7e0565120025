import { CredentialFormatError, CredentialStoreError } from '../../lambdas/rotation/errors';
import type { OpenBao } from '../../lambdas/rotation/openbao/client';
import { makeOpenBaoJournal } from '../../lambdas/rotation/openbao/journal';
import { openKvEntries } from '../../lambdas/rotation/openbao/kv-entries';
import { makeOpenBaoStore } from '../../lambdas/rotation/openbao/store';
import { collect } from '../support/collect';
import { itKeepsCredentials, type StoreOnTrial } from '../support/credential-store-conformance';
import { itKeepsRecords } from '../support/journal-conformance';
import { type OpenBaoServer, startOpenBao } from '../support/openbao-server';

jest.setTimeout(120_000);
let server: OpenBaoServer;
/** May do what the guide's policy says, and no more. */
let rotator: OpenBao;

const policy = `
path "secret/metadata/*" { capabilities = ["list", "read"] }
path "secret/data/apps/*" { capabilities = ["read", "update"] }
path "secret/destroy/apps/*" { capabilities = ["update"] }
path "secret/data/_rotation/*" { capabilities = ["create", "read", "update"] }
path "secret/metadata/_rotation/*" { capabilities = ["create", "read", "update", "list"] }
`;

beforeAll(async () => {
  server = await startOpenBao();
  rotator = server.root.as(await server.tokenWith(policy));
});
afterAll(() => server?.stop());

const open = async (): Promise<StoreOnTrial> => ({
  store: makeOpenBaoStore(await openKvEntries(rotator, 'secret')),
  create: async (name, value, custom_metadata) => {
    const id = `apps/${name}`;
    await server.root.call('POST', `secret/data/${id}`, { data: value });
    await server.root.call('POST', `secret/metadata/${id}`, { custom_metadata });
    return id;
  },
  overwrite: async (id, value) => {
    await server.root.call('POST', `secret/data/${id}`, { data: value });
  },
});

describe('OpenBao as a store of credentials', () => {
  itKeepsCredentials(open);

  const begin = async (name: string) => {
    const { store, create, overwrite } = await open();
    const id = await create(name, { password: 'one' }, { 'rotation-strategy': 'any' });
    await store.stage(id, 'v1', '{"password":"two"}');
    return { store, id, overwrite };
  };
  const newest = async (id: string) =>
    ((await server.root.call('GET', `secret/data/${id}`)) as { data: { data: unknown } }).data.data;
  const versionsWith = async (path: string, text: string) => {
    const found: number[] = [];
    for (let number = 1; number <= 12; number += 1) {
      const answer = await server.root.call('GET', `secret/data/${path}?version=${number}`);
      if (JSON.stringify(answer ?? '').includes(text)) found.push(number);
    }
    return found;
  };

  test('consumers read exactly the fields, before and after', async () => {
    const { store, id } = await begin('fields');
    expect(await newest(id)).toEqual({ password: 'one' });
    await store.promote(id, { to: 'v1', from: 'kv-1' });
    expect(await newest(id)).toEqual({ password: 'two' });
  });

  test('a value that was retired or dropped is in no version of any entry', async () => {
    const { store, id } = await begin('wiped');
    await store.promote(id, { to: 'v1', from: 'kv-1' });
    await store.dropPrevious(id, 'kv-1');
    await store.stage(id, 'v2', '{"password":"three"}');
    await store.dropPending(id, 'v2');
    for (const path of [id, `_rotation/state/${id}`])
      for (const gone of ['"one"', '"three"']) expect(await versionsWith(path, gone)).toEqual([]);
    expect(await versionsWith(id, '"two"')).toEqual([2]);
  });

  test.each(['before the entry', 'after the entry'])('a promotion that is killed %s', async (when) => {
    const { store, id } = await begin(`killed-${when.slice(0, 5)}`);
    const entries = await openKvEntries(rotator, 'secret');
    const killed = makeOpenBaoStore({
      ...entries,
      write: async (path, fields, onto) => {
        if (path !== id) return await entries.write(path, fields, onto);
        if (when === 'after the entry') await entries.write(path, fields, onto);
        throw new Error('killed');
      },
    });
    await expect(killed.promote(id, { to: 'v1', from: 'kv-1' })).rejects.toThrow('killed');
    const { labels } = await store.describe(id);
    expect(labels).toEqual(
      when === 'after the entry' ? { current: 'v1', previous: 'kv-1' } : { current: 'kv-1', pending: 'v1' },
    );
    await store.promote(id, { to: 'v1', from: 'kv-1' });
    expect((await store.describe(id)).labels).toEqual({ current: 'v1', previous: 'kv-1' });
    expect(await store.read(id, 'kv-1')).toBe('{"password":"one"}');
  });

  test('what a person writes in the middle is current, and the rotation is told', async () => {
    const { store, id, overwrite } = await begin('by-hand');
    const entries = await openKvEntries(rotator, 'secret');
    const overtaken = makeOpenBaoStore({
      ...entries,
      write: async (path, fields, onto) => {
        if (path === id) await overwrite(id, { password: 'by hand' });
        return await entries.write(path, fields, onto);
      },
    });
    await expect(overtaken.promote(id, { to: 'v1', from: 'kv-1' })).rejects.toThrow(
      'Somebody wrote another version',
    );
    expect((await store.describe(id)).labels).toEqual({ current: 'kv-2', pending: 'v1' });
    expect(await newest(id)).toEqual({ password: 'by hand' });
    await store.dropPending(id, 'v1');
    expect((await store.describe(id)).labels).toEqual({ current: 'kv-2' });
  });

  test('a value without fields is refused without being quoted', async () => {
    const { store, id } = await begin('no-fields');
    for (const value of ['plain-secret', '"plain-secret"', '["plain-secret"]', 'null']) {
      const refused = store.stage(id, 'v2', value);
      await expect(refused).rejects.toThrow(CredentialFormatError);
      await expect(refused).rejects.not.toThrow('plain-secret');
    }
  });

  test('names that a person may choose are read as they are, and lead nowhere else', async () => {
    const { store, create } = await open();
    const id = await create('check%20out', { a: 1 }, { 'rotation-strategy': 'any' });
    expect((await collect(store.list())).map(({ id }) => id)).toContain('apps/check out');
    expect((await store.describe('apps/check out')).labels).toEqual({ current: 'kv-1' });
    await expect(store.describe('apps/../secret')).rejects.toThrow('none that is . or ..');
    await expect(store.describe(`_rotation/state/${id}`)).rejects.toThrow('There is no secret');
  });
});

describe('the mount', () => {
  test.each([
    ['nowhere', 'There is no engine mounted at nowhere'],
    ['old', 'What is mounted at old is KV version 1'],
    ['sys', 'of the type system'],
    ['a b', 'made of plain parts'],
  ])('%s is refused', async (mount, sentence) => {
    const opened = openKvEntries(server.root, mount);
    await expect(opened).rejects.toThrow(CredentialStoreError);
    await expect(opened).rejects.toThrow(sentence);
  });

  test('is refused to a token that is none', async () => {
    await expect(openKvEntries(server.root.as('s.none'), 'secret')).rejects.toThrow('the token has expired');
  });
});

describe('the journal', () => {
  itKeepsRecords(async () => makeOpenBaoJournal(await openKvEntries(rotator, 'secret')));
});
