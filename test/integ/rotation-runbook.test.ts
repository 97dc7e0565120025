import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { CredentialStore } from '../../lambdas/rotation/credential-store';
import { makeEngine } from '../../lambdas/rotation/engine';
import { openKvEntries } from '../../lambdas/rotation/openbao/kv-entries';
import { makeOpenBaoStore } from '../../lambdas/rotation/openbao/store';
import { makeRotate } from '../../lambdas/rotation/rotate';
import { makeSecretsManagerStore } from '../../lambdas/rotation/secrets-manager-store';
import { makePostgresqlAlternatingUsers } from '../../lambdas/rotation/strategies/postgresql-alternating-users';
import { makeVaultApprole } from '../../lambdas/rotation/strategies/vault-approle';
import type { Strategy } from '../../lambdas/rotation/strategy';
import { createProgress } from '../../local/progress';
import { ensureOpenBao } from '../../local/toolchain/toolchain';
import { makeRole } from '../support/approle';
import { clients, endFixture, type Fixture, startFixture } from '../support/emulator-fixture';
import { inMemoryJournal } from '../support/in-memory-journal';
import { startOpenBao } from '../support/openbao-server';
import { type PostgresqlServer, startPostgresql } from '../support/postgresql-server';

jest.setTimeout(120_000);

const runbook = readFileSync(join(__dirname, '../../docs/runbooks/secret-rotation.md'), 'utf8');
/** What stands below a heading, to be typed. */
const commandsUnder = (heading: string): string[] => {
  const section = runbook.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/```sh tried\n([^`]+)```/g)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  );
};

let fixture: Fixture;
let secrets: SecretsManagerClient;
let server: PostgresqlServer;
beforeAll(async () => {
  [fixture, server] = await Promise.all([startFixture(), startPostgresql()]);
  secrets = new SecretsManagerClient(clients(fixture).config);
}, 300_000);
afterAll(async () => {
  await server?.destroy();
  await endFixture(fixture);
});

const commands = {
  'describe-secret': DescribeSecretCommand,
  'get-random-password': GetRandomPasswordCommand,
  'put-secret-value': PutSecretValueCommand,
  'restore-secret': RestoreSecretCommand,
  'update-secret-version-stage': UpdateSecretVersionStageCommand,
} as const;

/** As the command line of AWS reads a line: `--secret-id X` is `SecretId`. */
const type = async (line: string, values: Readonly<Record<string, string>>) => {
  const [aws, service, name = '', ...rest] = line.split(' ');
  expect([aws, service, Object.keys(commands)]).toEqual([
    'aws',
    'secretsmanager',
    expect.arrayContaining([name]),
  ]);
  const input: Record<string, unknown> = {};
  for (let index = 0; index < rest.length; index++) {
    const key = (rest[index] ?? '')
      .replace(/^--/, '')
      .replace(/(^|-)([a-z])/g, (_, __, letter) => letter.toUpperCase());
    const next = rest[index + 1];
    if (next === undefined || next.startsWith('--')) input[key] = true;
    else {
      input[key] = /^\d+$/.test(next) ? Number(next) : (values[next] ?? next);
      index++;
    }
  }
  const Command = commands[name as keyof typeof commands] as unknown as new (
    of: object,
  ) => DescribeSecretCommand;
  return (await secrets.send(new Command(input))) as object;
};

const overlapSeconds = 600;
const tagsFor = (strategy: string) => ({
  'rotation-strategy': strategy,
  'rotation-days': '30',
  owner: 'team',
  'rotation-overlap': String(overlapSeconds),
});

/** A credential and who rotates it, at a time of its own. */
const rotating = (store: CredentialStore, strategy: Strategy, id: string) => {
  let passed = 0;
  const engine = makeEngine({
    store,
    journal: inMemoryJournal(),
    strategies: [strategy],
    now: () => new Date(Date.now() + passed),
    tell: async () => undefined,
  });
  const rotate = makeRotate(engine, { tries: 2, pause: async () => undefined });
  const labels = async () => (await store.describe(id)).labels;
  return {
    labels,
    rotate: (runId: string, force = true) => rotate({ credential: id, runId, force }),
    afterOverlap: () => {
      passed += (overlapSeconds + 1) * 1000;
    },
    signsIn: async (version?: string) =>
      strategy.works(await store.read(id, version ?? (await labels()).current)),
  };
};

const postgresql = makePostgresqlAlternatingUsers();
let databases = 0;
/** A secret with a login of a database of its own. */
const world = async (id: string) => {
  databases += 1;
  const database = `runbook${databases}`;
  const value = await server.makeDatabase(database);
  await secrets.send(
    new CreateSecretCommand({
      Name: id,
      SecretString: value,
      Tags: Object.entries(tagsFor(postgresql.name)).map(([Key, Value]) => ({ Key, Value })),
    }),
  );
  const store = makeSecretsManagerStore(secrets, { prefix: 'runbook/', own: [] });
  return { ...rotating(store, postgresql, id), database, store, value };
};

test('every command of the page that is marked so is tried here', () => {
  const marked = [...runbook.matchAll(/```sh tried\n([^`]+)```/g)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  );
  const tried = ['Stuck', 'The target was exchanged', 'Roll back', 'A lost credential'].flatMap(
    commandsUnder,
  );
  expect(tried).toHaveLength(8);
  expect(marked.filter((line) => !tried.includes(line))).toEqual([
    'aws secretsmanager describe-secret --secret-id SECRET',
  ]);
});

test('a rotation by hand, looked at as the page says', async () => {
  const id = 'runbook/by-hand';
  const { rotate, afterOverlap, signsIn } = await world(id);
  const look = async () => {
    const found = (await type('aws secretsmanager describe-secret --secret-id SECRET', { SECRET: id })) as {
      VersionIdsToStages: Record<string, string[]>;
    };
    return Object.values(found.VersionIdsToStages).flat().sort();
  };
  expect(await look()).toEqual(['AWSCURRENT']);
  expect(await rotate('by-hand')).toMatchObject({ next: 'drain' });
  expect(await look()).toEqual(['AWSCURRENT', 'AWSPREVIOUS']);
  afterOverlap();
  expect(await rotate('by-hand')).toMatchObject({ outcome: 'completed' });
  expect(await look()).toEqual(['AWSCURRENT']);
  expect(await signsIn()).toBe(true);
});

/** What a rotation left that died before its promotion: the target knows it already. */
const leaveOver = async (id: string, current: string): Promise<string> => {
  const pending = await postgresql.make(current);
  await secrets.send(
    new PutSecretValueCommand({
      SecretId: id,
      ClientRequestToken: 'f'.repeat(64),
      SecretString: pending,
      VersionStages: ['AWSPENDING'],
    }),
  );
  await postgresql.set({ current, pending });
  expect(await postgresql.works(pending)).toBe(true);
  return pending;
};

test('a left-over AWSPENDING: started by hand, a rotation clears it away and comes to its end', async () => {
  const id = 'runbook/left-over';
  const { rotate, afterOverlap, labels, signsIn, value } = await world(id);
  const left = await leaveOver(id, value);
  expect((await labels()).pending).toBe('f'.repeat(64));
  expect(await rotate('clears')).toMatchObject({ next: 'drain' });
  afterOverlap();
  expect(await rotate('clears')).toMatchObject({ outcome: 'completed' });
  expect(await labels()).toMatchObject({ pending: undefined, previous: undefined });
  expect([await signsIn(), await postgresql.works(left)]).toEqual([true, false]);
});

test('a left-over AWSPENDING is taken away by hand: it signs in until the next rotation, and nothing else moves', async () => {
  const id = 'runbook/by-label';
  const { labels, signsIn, rotate, value } = await world(id);
  const left = await leaveOver(id, value);
  const { current, pending = '' } = await labels();
  for (const line of commandsUnder('Stuck')) await type(line, { SECRET: id, PENDING: pending });
  expect(await labels()).toEqual({ current, pending: undefined, previous: undefined });
  expect([await signsIn(), await postgresql.works(left)]).toEqual([true, true]);
  await rotate('next');
  expect([await signsIn(), await postgresql.works(left)]).toEqual([true, false]);
});

test('rolled back by hand, what was before signs in, and the next run ends the other one', async () => {
  const id = 'runbook/back';
  const { rotate, afterOverlap, labels, signsIn } = await world(id);
  const before = (await labels()).current;
  await rotate('forward');
  const { current, previous = '' } = await labels();
  expect(previous).toBe(before);
  for (const line of commandsUnder('Roll back'))
    await type(line, { SECRET: id, PREVIOUS: previous, CURRENT: current });
  expect((await labels()).current).toBe(before);
  expect(await signsIn()).toBe(true);
  afterOverlap();
  // Whoever read the other one meanwhile has a whole overlap from when this is seen.
  expect(await rotate('later', false)).toMatchObject({ next: 'drain' });
  expect([await signsIn(), await signsIn(current)]).toEqual([true, true]);
  afterOverlap();
  await rotate('last', false);
  expect(await labels()).toEqual({ current: before, pending: undefined, previous: undefined });
  expect([await signsIn(), await signsIn(current)]).toEqual([true, false]);
});

test('an exchanged target: what was before can be retired nowhere, and without its label rotations go on', async () => {
  const id = 'runbook/exchanged';
  const { rotate, afterOverlap, labels, signsIn } = await world(id);
  const other = await server.makeDatabase('exchanged');
  await secrets.send(new PutSecretValueCommand({ SecretId: id, SecretString: other }));
  const { current, previous = '' } = await labels();
  // In its overlap from when a run first sees it.
  await rotate('sees').catch(() => undefined);
  afterOverlap();
  await expect(rotate('cannot')).rejects.toThrow();
  expect(await labels()).toEqual({ current, pending: undefined, previous });
  for (const line of commandsUnder('The target was exchanged'))
    await type(line, { SECRET: id, PREVIOUS: previous });
  expect(await rotate('goes-on')).toMatchObject({ next: 'drain' });
  expect((await labels()).previous).toBe(current);
  expect(await signsIn()).toBe(true);
});

const [restore = '', draw = '', put = '', renew = '', patch = ''] = commandsUnder('A lost credential');

test('a lost login of a database: what provisions it sets what the secret says, and a rotation replaces that', async () => {
  const id = 'runbook/lost-login';
  const { database, value, signsIn, rotate, labels } = await world(id);
  const login = JSON.parse(value) as { username: string; password: string };
  for (const one of [1, 2])
    await server.administer(`ALTER ROLE ${database}_owner_${one} PASSWORD 'typed-by-somebody'`);
  expect(await signsIn()).toBe(false);
  const shown = await server.play(database, login, { checkMode: true });
  expect([shown.changed, shown.steps]).toEqual([true, [expect.stringContaining('password')]]);
  expect(await signsIn()).toBe(false);
  expect((await server.play(database, login)).failed).toBeFalsy();
  expect(await signsIn()).toBe(true);
  expect(await rotate('afterwards')).toMatchObject({ next: 'drain' });
  expect([await signsIn(), (await labels()).previous === undefined]).toEqual([true, false]);
});

test('a secret that was deleted comes back, with its labels', async () => {
  const id = 'runbook/deleted';
  const { labels, signsIn } = await world(id);
  const before = await labels();
  await secrets.send(new DeleteSecretCommand({ SecretId: id, RecoveryWindowInDays: 7 }));
  await expect(signsIn()).rejects.toThrow();
  await type(restore, { SECRET: id });
  expect([await labels(), await signsIn()]).toEqual([before, true]);
});

test('a lost secret-id of an AppRole is renewed by whoever administers it, and a rotation replaces that', async () => {
  const openBao = await startOpenBao();
  try {
    const bao = await ensureOpenBao(createProgress({ write: () => true }));
    const lost = JSON.parse(await makeRole(openBao, 'checkout'));
    const id = 'apps/checkout';
    await openBao.root.call('POST', `secret/data/${id}`, { data: { ...lost, secret_id: 'lost' } });
    const approle = makeVaultApprole();
    const tags = tagsFor(approle.name);
    await openBao.root.call('POST', `secret/metadata/${id}`, { custom_metadata: tags });
    const { signsIn, rotate } = rotating(
      makeOpenBaoStore(await openKvEntries(openBao.root, 'secret')),
      approle,
      id,
    );
    expect(await signsIn()).toBe(false);
    const typed = async (line: string, values: Readonly<Record<string, string>>): Promise<string> => {
      const [program, ...words] = line
        .split(' ')
        .map((word) => word.replace(/[A-Z]{3,}/g, (name) => values[name] ?? name));
      expect(program).toBe('bao');
      const env = { ...process.env, BAO_ADDR: openBao.address, BAO_TOKEN: openBao.rootToken };
      return (await promisify(execFile)(bao, words, { env })).stdout.trim();
    };
    const NEW = await typed(renew, { ROLE: 'checkout' });
    await typed(patch, { ENTRY: id, NEW });
    expect(await signsIn()).toBe(true);
    expect(await rotate('afterwards')).toMatchObject({ next: 'drain' });
    expect(await signsIn()).toBe(true);
  } finally {
    await openBao.stop();
  }
});

test('a key that was lost is replaced by a new one', async () => {
  const id = 'runbook/page-key';
  await secrets.send(new CreateSecretCommand({ Name: id, SecretString: 'lost' }));
  const { RandomPassword = '' } = (await type(draw, {})) as { RandomPassword?: string };
  expect(RandomPassword).toMatch(/^[A-Za-z0-9]{64}$/);
  await type(put, { SECRET: id, NEW: RandomPassword });
  const store = makeSecretsManagerStore(secrets, { prefix: 'runbook/', own: [] });
  expect(await store.read(id, (await store.describe(id)).labels.current)).toBe(RandomPassword);
});
