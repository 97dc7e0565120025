import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Tags } from '../../lambdas/rotation/credential-store';
import { makeEngine } from '../../lambdas/rotation/engine';
import { makeRotate } from '../../lambdas/rotation/rotate';
import type { RotationEvent } from '../../lambdas/rotation/rotation-event';
import { makeSecretsManagerStore } from '../../lambdas/rotation/secrets-manager-store';
import { makeTableJournal } from '../../lambdas/rotation/table-journal';
import { AlternatingLogins } from '../support/alternating-logins';
import { itKeepsCredentials } from '../support/credential-store-conformance';
import { clients, endFixture, type Fixture, startFixture } from '../support/emulator-fixture';
import { itKeepsRecords } from '../support/journal-conformance';

jest.setTimeout(60_000);

let fixture: Fixture;
let secrets: SecretsManagerClient;
let dynamo: DynamoDBDocumentClient;
beforeAll(async () => {
  fixture = await startFixture();
  const { config } = clients(fixture);
  secrets = new SecretsManagerClient(config);
  const client = new DynamoDBClient(config);
  dynamo = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  // As the data stack makes it: no item of it ever expires.
  await client.send(
    new CreateTableCommand({
      TableName: 'credentials',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    }),
  );
});
afterAll(() => endFixture(fixture));

const scope = { prefix: 'apps/', own: ['own-key'] };
const storeNow = () => makeSecretsManagerStore(secrets, scope);
const journalNow = () => makeTableJournal({ client: dynamo, credentialsTable: 'credentials' });
const create = async (Name: string, SecretString: string, tags: Tags): Promise<string> => {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  await secrets.send(new CreateSecretCommand({ Name, SecretString, Tags }));
  return Name;
};

describe('Secrets Manager as a store of credentials', () => {
  itKeepsCredentials(async () => ({
    store: storeNow(),
    create: (name, value, tags) => create(`apps/${name}`, JSON.stringify(value), tags),
    overwrite: async (id, value) => {
      await secrets.send(new PutSecretValueCommand({ SecretId: id, SecretString: JSON.stringify(value) }));
    },
  }));

  test('what stands below the prefix is listed, and what is named; not what is named like it', async () => {
    const tags = { 'rotation-strategy': 'any' };
    for (const name of ['own-key', 'own-key-2', 'Own-key', 'other/apps/x', 'apps-2/x', 'apps/x'])
      await create(name, 'k', tags);
    const listed: string[] = [];
    for await (const { id } of storeNow().list()) listed.push(id);
    expect(listed.filter((id) => /own-key|x$/i.test(id)).sort()).toEqual(['apps/x', 'own-key']);
  });

  // Secrets Manager refuses another value for a token that was used (ResourceExistsException); a unit test has that case.
  test('the emulator replaces the value of a version, which Secrets Manager does not', async () => {
    const id = await create('apps/gap', 'one', {});
    const version = '0'.repeat(32);
    for (const SecretString of ['two', 'three'])
      await secrets.send(
        new PutSecretValueCommand({
          SecretId: id,
          ClientRequestToken: version,
          SecretString,
          VersionStages: ['AWSPENDING'],
        }),
      );
    const read = await secrets.send(new GetSecretValueCommand({ SecretId: id, VersionId: version }));
    expect(read.SecretString).toBe('three');
  });
});

describe('a table as the journal', () => {
  itKeepsRecords(async () => journalNow());
});

describe('two rotations of one credential at once', () => {
  const first = { username: 'one', password: 'password-0' };
  const world = async (name: string) => {
    const id = await create(`apps/${name}`, JSON.stringify(first), {
      'rotation-strategy': 'alternating-logins',
      'rotation-days': '30',
      owner: 'team',
      'rotation-overlap': '600',
    });
    const logins = new AlternatingLogins(first);
    const told: RotationEvent[] = [];
    /** An engine of a process of its own. */
    const engine = () =>
      makeEngine({
        store: storeNow(),
        journal: journalNow(),
        strategies: [logins],
        now: () => new Date(),
        tell: async (event) => void told.push(event),
      });
    const labels = async () => {
      const { VersionIdsToStages = {} } = await secrets.send(new DescribeSecretCommand({ SecretId: id }));
      return Object.values(VersionIdsToStages).flat().sort();
    };
    return { id, logins, told, engine, labels };
  };
  const runs = ['run-1', 'run-2', 'run-3', 'run-4'];

  test('one begins, and each other is told until when', async () => {
    const { id, engine } = await world('begun');
    const begun = await Promise.all(
      runs.map((runId) => engine().begin({ credential: id, runId, force: true })),
    );
    expect(begun.map(({ next }) => next).sort()).toEqual(['busy', 'busy', 'busy', 'create']);
    const { lease, rotation, attempts } = (await journalNow().read(id)) ?? {};
    expect(runs[begun.findIndex(({ next }) => next === 'create')]).toBe(lease?.runId);
    expect(rotation).toMatchObject({ runId: lease?.runId, step: 'create', attempt: 1 });
    expect(attempts).toBe(1);
    for (const { next, until } of begun) if (next === 'busy') expect(until).toBe(lease?.until);
  });

  test('one goes through to its drain, once, and both of its values work', async () => {
    const { id, engine, labels, logins, told } = await world('through');
    const ends = await Promise.all(
      runs.map((runId) =>
        makeRotate(engine(), { tries: 1, pause: async () => undefined })({
          credential: id,
          runId,
          force: true,
        }),
      ),
    );
    // Who comes when it has got as far as its drain finds that.
    for (const { next } of ends) expect(['busy', 'drain']).toContain(next);
    expect(await labels()).toEqual(['AWSCURRENT', 'AWSPREVIOUS']);
    expect(told.filter(({ type }) => type === 'credential.rotation-promoted')).toHaveLength(1);
    const store = storeNow();
    const { current, previous = '' } = (await store.describe(id)).labels;
    for (const version of [current, previous])
      expect(await logins.works(await store.read(id, version))).toBe(true);
  });
});
