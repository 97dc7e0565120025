import {
  CredentialFormatError,
  CredentialRefusedError,
  MissingRightsError,
} from '../../lambdas/rotation/errors';
import { makeOpenBao } from '../../lambdas/rotation/openbao/client';
import { type KvEntries, openKvEntries } from '../../lambdas/rotation/openbao/kv-entries';
import { makeVaultApprole } from '../../lambdas/rotation/strategies/vault-approle';
import { makeVaultKv } from '../../lambdas/rotation/strategies/vault-kv';
import { sha256Hex } from '../../lambdas/shared/digest';
import { findFreePort } from '../../local/emulator/free-port';
import { approlePolicy, makeRole } from '../support/approle';
import { type OpenBaoServer, startOpenBao } from '../support/openbao-server';
import { itConforms } from '../support/strategy-conformance';
import { startCuttingProxy } from '../support/tcp-proxy';

jest.setTimeout(120_000);
let server: OpenBaoServer;
let nobodyListens: number;
let made = 0;
beforeAll(async () => {
  server = await startOpenBao();
  nobodyListens = await findFreePort();
});
afterAll(() => server?.stop());

const changed = (value: string, change: object): string =>
  JSON.stringify({ ...JSON.parse(value), ...change });
const field = (value: string, name: string): string => JSON.parse(value)[name];
const portOf = (address: string): number => Number(new URL(address).port);
const cutAt = async (n: number, work: (port: number) => Promise<unknown>): Promise<boolean> => {
  const proxy = await startCuttingProxy(portOf(server.address), n);
  await work(proxy.port).catch(() => undefined);
  await proxy.close();
  return proxy.cut();
};

describe('vault-approle', () => {
  const strategy = makeVaultApprole();
  const newRole = (policy?: (role: string) => string) => {
    made += 1;
    return makeRole(server, `app-${made}`, policy?.(`app-${made}`));
  };
  const at = (value: string, port: number) => changed(value, { address: `http://127.0.0.1:${port}` });
  const under = {
    strategy,
    newTarget: () => newRole(),
    unreachable: (value: string) => at(value, nobodyListens),
    wrong: (value: string) => changed(value, { secret_id: 'Zz9-of-nobody' }),
    secretsOf: (value: string) => [field(value, 'secret_id')],
    foreign: {
      'an address in clear': (value: string) => changed(value, { address: 'http://bao.example.org' }),
      'an address with a path': (value: string) => changed(value, { address: 'https://bao.example.org/v1' }),
      'a mount that leads elsewhere': (value: string) => changed(value, { mount: '../sys' }),
      'a role that leads elsewhere': (value: string) => changed(value, { role_name: '../../../sys/seal' }),
      'a role with a query': (value: string) => changed(value, { role_name: 'app?list=true' }),
      'no role': (value: string) => changed(value, { role_name: undefined }),
      'no secret-id': (value: string) => changed(value, { secret_id: undefined }),
    },
    killedAt: (n: number, work: (through: (value: string) => string) => Promise<unknown>) =>
      cutAt(n, (port) => work((value) => at(value, port))),
  };
  describe('as every strategy', () => itConforms(() => under, 120_000));

  test('the next value is another secret-id and everything else as it was', async () => {
    const value = changed(await newRole(), { note: 'kept', namespace: 'team-a' });
    const next = await strategy.make(value);
    expect(JSON.parse(next)).toEqual({
      ...JSON.parse(value),
      secret_id: expect.stringMatching(/^[\w-]{43}$/),
    });
  });

  test('a role that may not renew its own secret-id is told which policy it lacks', async () => {
    const current = await newRole(() => 'path "secret/data/x" { capabilities = ["read"] }');
    const set = strategy.set({ current, pending: await strategy.make(current) });
    await expect(set).rejects.toThrow(CredentialRefusedError);
    await expect(set).rejects.toThrow(
      `may not renew its own secret-id: a policy of it must allow update of auth/approle/role/app-${made}/custom-secret-id`,
    );
  });

  test('a next login with fewer policies is not promoted', async () => {
    const current = await newRole();
    const other = await newRole();
    await expect(strategy.test({ current, pending: other })).rejects.toThrow(MissingRightsError);
    await expect(strategy.test({ current, pending: other })).rejects.toThrow(`app-${made - 1}`);
  });

  test('tokens that a retired secret-id made live on, and ours do not stay', async () => {
    const current = await newRole();
    const login = async (value: string) => {
      const { role_id, secret_id } = JSON.parse(value);
      const answer = await server.root
        .as(undefined)
        .call('POST', 'auth/approle/login', { role_id, secret_id });
      return server.root.as((answer as { auth: { client_token: string } }).auth.client_token);
    };
    const session = await login(current);
    const tokens = async () =>
      ((await server.root.call('LIST', 'auth/token/accessors')) as { data: { keys: string[] } }).data.keys
        .length;
    const before = await tokens();
    const pending = await strategy.make(current);
    await strategy.set({ current, pending });
    await strategy.test({ current, pending });
    await strategy.retire({ retired: current, current: pending });
    expect(await tokens()).toBe(before);
    await expect(session.call('GET', 'auth/token/lookup-self')).resolves.toBeDefined();
    await expect(login(current)).rejects.toThrow('(400)');
  });

  test('a sealed server, a role that is gone and a mount that is none are told apart', async () => {
    const current = await newRole();
    expect(await strategy.works(changed(current, { mount: 'nowhere' }))).toBe(false);
    await server.seal();
    await expect(strategy.works(current)).rejects.toThrow('it is sealed or out of order');
    await server.unseal();
    await server.root.call('DELETE', `auth/approle/role/app-${made}`);
    expect(await strategy.works(current)).toBe(false);
  });

  test('a policy that lacks only the end of a life cycle is told when it is retired', async () => {
    const current = await newRole((role) => approlePolicy(role).replace(/^.*destroy.*$/m, ''));
    const pending = await strategy.make(current);
    await strategy.set({ current, pending });
    await expect(strategy.retire({ retired: current, current: pending })).rejects.toThrow(
      'secret-id/destroy',
    );
    expect(await strategy.works(current)).toBe(true);
  });
});

describe('vault-kv', () => {
  let entries: KvEntries;
  /** What is cut off or not reached is below a folder of that name. */
  let through: KvEntries;
  beforeAll(async () => {
    entries = await openKvEntries(server.root, 'secret');
    through = entries;
  });
  const routed: KvEntries = {
    read: (path, version) => (path.startsWith('cut/') ? through : entries).read(path.slice(4), version),
    write: (path, fields, onto) =>
      (path.startsWith('cut/') ? through : entries).write(path.slice(4), fields, onto),
    tags: (path) => entries.tags(path),
    below: (folder) => entries.below(folder),
    destroy: (path, version) => entries.destroy(path, version),
    keepNewestOnly: (path) => entries.keepNewestOnly(path),
  };
  const strategy = makeVaultKv(routed);
  const newKey = async (): Promise<string> => {
    made += 1;
    const key = `key-${made}-0123456789abcdef0123456789`;
    await entries.write(`accepted-${made}`, { accepted: [sha256Hex(key)], note: 'kept' }, 0);
    return JSON.stringify({ key, accepted_at: `all/accepted-${made}` });
  };
  const cut = (value: string) =>
    changed(value, { accepted_at: field(value, 'accepted_at').replace('all/', 'cut/') });
  const reached = (port: number) =>
    openKvEntries(makeOpenBao({ address: `http://127.0.0.1:${port}`, token: server.rootToken }), 'secret');
  const under = {
    strategy,
    newTarget: newKey,
    unreachable: (value: string) => {
      const away = makeOpenBao({ address: `http://127.0.0.1:${nobodyListens}` });
      through = {
        ...entries,
        read: async () => (await away.call('GET', 'x')) as undefined,
        write: async () => (await away.call('POST', 'x')) as undefined,
      };
      return cut(value);
    },
    wrong: (value: string) => changed(value, { key: 'Zz9-of-nobody-0123456789abcdef' }),
    secretsOf: (value: string) => [field(value, 'key')],
    foreign: {
      'a short key': (value: string) => changed(value, { key: 'Zz9' }),
      'no entry': (value: string) => changed(value, { accepted_at: undefined }),
    },
    killedAt: (n: number, work: (through: (value: string) => string) => Promise<unknown>) =>
      // Three requests open the engine.
      cutAt(n + 1, async (port) => {
        through = await reached(port);
        await work(cut);
      }),
  };
  describe('as every strategy', () => itConforms(() => under, 120_000));

  test('the other side reads digests, and what else stands there is kept', async () => {
    const current = await newKey();
    const pending = await strategy.make(current);
    await strategy.set({ current, pending });
    const entry = await entries.read(`accepted-${made}`);
    expect(entry?.fields).toEqual({
      note: 'kept',
      accepted: [current, pending].map((value) => sha256Hex(field(value, 'key'))),
    });
    expect(JSON.stringify(entry)).not.toContain(field(pending, 'key'));
  });

  test('others may write the entry at the same moment', async () => {
    const current = await newKey();
    const pending = await Promise.all([1, 2, 3].map(() => strategy.make(current)));
    await Promise.all(pending.map((one) => strategy.set({ current, pending: one })));
    expect(await Promise.all([current, ...pending].map((one) => strategy.works(one)))).toEqual(
      Array(4).fill(true),
    );
  });

  test('a value that is none is refused by the names of its fields', () => {
    expect(() => strategy.make('{"accepted_at":"x"}')).toThrow(CredentialFormatError);
    expect(() => strategy.make('{"accepted_at":"x"}')).toThrow('key is missing or wrong');
  });
});
