import { makeListCredentials } from '../../../lambdas/list-credentials/list-credentials';
import { makeReportRotation } from '../../../lambdas/report-rotation/report-rotation';
import { makeRotateNatively } from '../../../lambdas/rotate-secret/rotate-natively';
import { makeRotateSecret } from '../../../lambdas/rotate-secret/rotate-secret';
import { nameOf, scopeOf } from '../../../lambdas/rotation/scope';
import { makeSecretsManagerStore } from '../../../lambdas/rotation/secrets-manager-store';
import { collect } from '../../support/collect';
import { credential, rotatingWorld } from '../../support/rotating';

const run = { runId: 'run-1', workspace: 'all/secret-rotation', traceparent: '' };
const reference = {
  bucket: 'artifacts',
  key: 'runs/run-1/credentials.json',
  versionId: 'v',
  sha256: '0'.repeat(64),
};
const pageKeyArn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:PageSecret12-AbCdEfGhIjKl-MnOpQr';
const pageKey = 'PageSecret12-AbCdEfGhIjKl';
const scope = scopeOf({ SECRETS_PREFIX: 'orchestrator-test/', OWN_SECRETS: pageKeyArn });
const token = '0c0e5d1a-1111-4222-8333-444455556666';
const secretArn = `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${credential}-AbCdEf`;

const call = async (world: ReturnType<typeof rotatingWorld>, version = token) => {
  const rotate = makeRotateNatively(world.process().engine);
  world.manager.beginNative(credential, version);
  for (const Step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const)
    await rotate({ Step, SecretId: secretArn, ClientRequestToken: version });
};

test("Secrets Manager's own four steps rotate by the same engine", async () => {
  const world = rotatingWorld();
  await call(world);
  expect(world.manager.bearing(credential, 'AWSCURRENT')).toEqual([token]);
  expect(world.signsIn('AWSCURRENT')).toEqual([true]);
  expect(world.signsIn('AWSPREVIOUS')).toEqual([true]);
  world.pass(700);
  await world.converge();
  expect(world.manager.bearing(credential, 'AWSPREVIOUS')).toEqual([]);
});

test('each of the four may be called again', async () => {
  const world = rotatingWorld();
  await call(world);
  const rotate = makeRotateNatively(world.process().engine);
  await rotate({ Step: 'finishSecret', SecretId: secretArn, ClientRequestToken: token });
  expect(world.manager.bearing(credential, 'AWSCURRENT')).toEqual([token]);
});

test('a second one within the overlap is refused, and changes nothing', async () => {
  const world = rotatingWorld();
  await call(world);
  await expect(call(world, token.replace('0c0e', 'ffff'))).rejects.toMatchObject({
    name: 'RotationInFlightError',
  });
  expect(world.manager.bearing(credential, 'AWSCURRENT')).toEqual([token]);
  expect(world.signsIn('AWSPREVIOUS')).toEqual([true]);
});

test('what fails its test is abandoned, and the service is told', async () => {
  const world = rotatingWorld();
  world.logins.isBroken = true;
  await expect(call(world)).rejects.toMatchObject({ name: 'RotationAbandonedError' });
  expect(world.manager.bearing(credential, 'AWSCURRENT')).toEqual(['first']);
  expect(world.logins.logins.get('two')).toBeUndefined();
});

test('the name of a secret is read from its ARN', () => {
  expect(nameOf(secretArn)).toBe(credential);
  expect(nameOf(credential)).toBe(credential);
  expect(nameOf(pageKeyArn)).toBe(pageKey);
});

test.each(['other/secret', `${pageKey}-2`, pageKeyArn])(
  'a step refuses %s, none of this environment',
  async (other) => {
    const rotate = makeRotateSecret({ engine: rotatingWorld().process().engine, scope });
    await expect(
      rotate({ step: 'begin', credential: other, runId: 'run', force: false }),
    ).rejects.toMatchObject({ name: 'InvalidInputError' });
  },
);

const listing = (world: ReturnType<typeof rotatingWorld>) => {
  const written: string[] = [];
  const list = makeListCredentials({
    store: world.store,
    journal: world.journal,
    artifacts: {
      put: async (_, body) => {
        written.push(String(body));
        return reference;
      },
    },
    scope,
    now: world.now,
  });
  return async (given: Partial<Parameters<typeof list>[0]> = {}) => {
    const { count } = await list({ run, credentials: null, force: false, spreadSeconds: 900, ...given });
    return { count, items: JSON.parse(written.at(-1) ?? '[]') };
  };
};

test('lists what is unknown, due or past its overlap, and each has its own share of the spread', async () => {
  const world = rotatingWorld();
  const list = listing(world);
  const { count, items } = await list();
  expect(count).toBe(1);
  expect(items[0]).toMatchObject({ credential });
  expect(items[0].delaySeconds).toBeLessThan(900);
  await world.process().rotate({ credential, runId: 'run-1' });
  expect((await list()).count).toBe(0);
  expect((await list({ credentials: [credential], force: true })).count).toBe(1);
  await world.process().rotate({ credential, runId: 'run-1', force: true });
  expect((await list()).count).toBe(0);
  world.pass(600);
  expect((await list()).count).toBe(1);
});

test('lists the key of the pages as well, by its own name, and none that is named like it', async () => {
  const world = rotatingWorld();
  for (const name of [pageKey, `${pageKey}-2`, pageKey.toLowerCase(), 'Orchestrator-test/other'])
    world.manager.create(name, 'k'.repeat(64), { 'rotation-strategy': 'signing-key' });
  world.manager.create('orchestrator-test/untagged', 'x', { owner: 'ops' });
  const store = makeSecretsManagerStore(world.manager, scope);
  expect((await collect(store.list())).sort()).toEqual([pageKey, credential]);
});

test('names no secret of another environment', async () => {
  await expect(listing(rotatingWorld())({ credentials: ['other/secret'] })).rejects.toMatchObject({
    name: 'InvalidInputError',
  });
});

const reportOf = (world: ReturnType<typeof rotatingWorld>) =>
  makeReportRotation({
    journal: world.journal,
    readArtifact: async (_, schema) => schema.parse([{ credential, delaySeconds: 0 }]),
  })({ run, credentials: reference });

test('reports how each ended', async () => {
  const world = rotatingWorld();
  expect(await reportOf(world)).toMatchObject({ failed: 1 });
  const { rotate } = world.process();
  await rotate({ credential, runId: 'run-1' });
  expect(await reportOf(world)).toMatchObject({ notDue: 1, failed: 0 });
  await rotate({ credential, runId: 'run-1', force: true });
  expect(await reportOf(world)).toMatchObject({ draining: 1 });
  world.pass(600);
  await rotate({ credential, runId: 'run-1' });
  expect(await reportOf(world)).toMatchObject({ completed: 1, credentials: 1 });
});

test('reports why one failed', async () => {
  const world = rotatingWorld();
  world.logins.isBroken = true;
  await world.process().rotate({ credential, runId: 'run-1', force: true });
  expect(await reportOf(world)).toMatchObject({
    failed: 1,
    failures: expect.stringContaining('CredentialRefusedError'),
  });
});
