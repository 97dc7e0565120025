import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { makeEngine } from '../../lambdas/rotation/engine';
import { makeRotate } from '../../lambdas/rotation/rotate';
import { makeSecretsManagerStore } from '../../lambdas/rotation/secrets-manager-store';
import { AlternatingLogins } from '../support/alternating-logins';
import { clients, endFixture, type Fixture, startFixture } from '../support/emulator-fixture';
import { inMemoryJournal } from '../support/in-memory-journal';

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
beforeAll(async () => {
  fixture = await startFixture();
  secrets = new SecretsManagerClient(clients(fixture).config);
});
afterAll(() => endFixture(fixture));

const commands = {
  'describe-secret': DescribeSecretCommand,
  'get-random-password': GetRandomPasswordCommand,
  'put-secret-value': PutSecretValueCommand,
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
const world = async (id: string) => {
  const first = { username: 'one', password: 'password-0' };
  await secrets.send(
    new CreateSecretCommand({
      Name: id,
      SecretString: JSON.stringify(first),
      Tags: Object.entries({
        'rotation-strategy': 'alternating-logins',
        'rotation-days': '30',
        owner: 'team',
        'rotation-overlap': String(overlapSeconds),
      }).map(([Key, Value]) => ({ Key, Value })),
    }),
  );
  let passed = 0;
  const logins = new AlternatingLogins(first);
  const store = makeSecretsManagerStore(secrets, { prefix: 'runbook/', own: [] });
  const engine = makeEngine({
    store,
    journal: inMemoryJournal(),
    strategies: [logins],
    now: () => new Date(Date.now() + passed),
    tell: async () => undefined,
  });
  const rotate = makeRotate(engine, { tries: 2, pause: async () => undefined });
  return {
    logins,
    store,
    labels: async () => (await store.describe(id)).labels,
    rotate: (runId: string, force = true) => rotate({ credential: id, runId, force }),
    afterOverlap: () => {
      passed += (overlapSeconds + 1) * 1000;
    },
    signsIn: async () => logins.works(await store.read(id, (await store.describe(id)).labels.current)),
  };
};

test('every command of the page that is marked so is tried here', () => {
  const marked = [...runbook.matchAll(/```sh tried\n([^`]+)```/g)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  );
  const tried = ['Stuck', 'Roll back', 'A lost credential'].flatMap(commandsUnder);
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

const leaveOver = (id: string) =>
  secrets.send(
    new PutSecretValueCommand({
      SecretId: id,
      ClientRequestToken: 'f'.repeat(64),
      SecretString: JSON.stringify({ username: 'two', password: 'left over' }),
      VersionStages: ['AWSPENDING'],
    }),
  );

test('a left-over AWSPENDING: started by hand, a rotation clears it away and comes to its end', async () => {
  const id = 'runbook/left-over';
  const { rotate, afterOverlap, labels, signsIn } = await world(id);
  await leaveOver(id);
  expect((await labels()).pending).toBe('f'.repeat(64));
  expect(await rotate('clears')).toMatchObject({ next: 'drain' });
  afterOverlap();
  expect(await rotate('clears')).toMatchObject({ outcome: 'completed' });
  expect(await labels()).toMatchObject({ pending: undefined, previous: undefined });
  expect(await signsIn()).toBe(true);
});

test('a left-over AWSPENDING is taken away by hand, and nothing else moves', async () => {
  const id = 'runbook/by-label';
  const { labels, signsIn } = await world(id);
  await leaveOver(id);
  const { current, pending = '' } = await labels();
  for (const line of commandsUnder('Stuck')) await type(line, { SECRET: id, PENDING: pending });
  expect(await labels()).toEqual({ current, pending: undefined, previous: undefined });
  expect(await signsIn()).toBe(true);
});

test('rolled back by hand, what was before signs in, and the next run ends the other one', async () => {
  const id = 'runbook/back';
  const { rotate, afterOverlap, labels, signsIn, store, logins } = await world(id);
  const before = (await labels()).current;
  await rotate('forward');
  const { current, previous = '' } = await labels();
  expect(previous).toBe(before);
  for (const line of commandsUnder('Roll back'))
    await type(line, { SECRET: id, PREVIOUS: previous, CURRENT: current });
  expect((await labels()).current).toBe(before);
  expect(await signsIn()).toBe(true);
  afterOverlap();
  await rotate('later', false);
  expect(await labels()).toEqual({ current: before, pending: undefined, previous: undefined });
  expect(await signsIn()).toBe(true);
  expect(await logins.works(await store.read(id, current))).toBe(false);
});

test('a key that was lost is replaced by a new one', async () => {
  const id = 'runbook/page-key';
  await secrets.send(new CreateSecretCommand({ Name: id, SecretString: 'lost' }));
  const [draw = '', put = ''] = commandsUnder('A lost credential');
  const { RandomPassword = '' } = (await type(draw, {})) as { RandomPassword?: string };
  expect(RandomPassword).toMatch(/^[A-Za-z0-9]{64}$/);
  await type(put, { SECRET: id, NEW: RandomPassword });
  const store = makeSecretsManagerStore(secrets, { prefix: 'runbook/', own: [] });
  expect(await store.read(id, (await store.describe(id)).labels.current)).toBe(RandomPassword);
});
