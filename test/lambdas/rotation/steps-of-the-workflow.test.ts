import { makeListCredentials } from '../../../lambdas/list-credentials/list-credentials';
import { reportRotationOutput } from '../../../lambdas/report-rotation/contract';
import { makeReportRotation } from '../../../lambdas/report-rotation/report-rotation';
import { makeRotateNatively } from '../../../lambdas/rotate-secret/rotate-natively';
import { makeRotateSecret } from '../../../lambdas/rotate-secret/rotate-secret';
import type { Tags } from '../../../lambdas/rotation/credential-store';
import { MissingRightsError } from '../../../lambdas/rotation/errors';
import { isThere } from '../../../lambdas/rotation/life-cycle';
import { nameOf, scopeOf } from '../../../lambdas/rotation/scope';
import { makeSecretsManagerStore } from '../../../lambdas/rotation/secrets-manager-store';
import { TransientError } from '../../../lambdas/shared/errors';
import { collect } from '../../support/collect';
import { credential, rotatingWorld, tags } from '../../support/rotating';

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
  expect((await collect(store.list())).map(({ id }) => id).sort()).toEqual([pageKey, credential]);
});

test('names no secret of another environment', async () => {
  await expect(listing(rotatingWorld())({ credentials: ['other/secret'] })).rejects.toMatchObject({
    name: 'InvalidInputError',
  });
});

const reportOf = (
  world: ReturnType<typeof rotatingWorld>,
  { runId = 'run-1', force = false, ids = [credential] } = {},
) =>
  makeReportRotation({
    journal: world.journal,
    readArtifact: async (_, schema) =>
      schema.parse(ids.map((id) => ({ credential: id, delaySeconds: 0, force }))),
    now: world.now,
  })({ run: { ...run, runId }, credentials: reference });

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

test('counts what a later run retired as completed, by that run', async () => {
  const world = rotatingWorld();
  await world.process().rotate({ credential, runId: 'run-1', force: true });
  world.pass(86_400);
  await world.process().rotate({ credential, runId: 'run-2' });
  expect(await reportOf(world, { runId: 'run-2' })).toMatchObject({ completed: 1, failed: 0 });
});

test('within the overlap of another run nothing is due, and who wanted one all the same is told until when', async () => {
  const world = rotatingWorld();
  const { until } = await world.process().rotate({ credential, runId: 'run-1', force: true });
  for (const force of [false, true]) await world.process().rotate({ credential, runId: 'run-2', force });
  expect(await reportOf(world, { runId: 'run-2' })).toMatchObject({ notDue: 1, draining: 0, failed: 0 });
  expect(await reportOf(world, { runId: 'run-2', force: true })).toMatchObject({
    failed: 1,
    failures: expect.stringContaining(`in its overlap until ${until}`),
  });
});

test.each([
  ['is due', false, 31],
  ['was to be rotated all the same', true, 1],
])('one that %s and could not be begun failed', async (_, force, days) => {
  const world = rotatingWorld();
  await world.process().rotate({ credential, runId: 'run-0' });
  world.pass(days * 86_400);
  const away = jest
    .spyOn(world.store, 'describe')
    .mockRejectedValue(new TransientError('Secrets Manager was not available.'));
  await expect(world.process().rotate({ credential, runId: 'run-1', force })).rejects.toThrow();
  away.mockRestore();
  expect(await reportOf(world, { force })).toMatchObject({ failed: 1, notDue: 0 });
});

test('an error that does not pass is told, also where the next run goes on', async () => {
  const world = rotatingWorld();
  await world.process().rotate({ credential, runId: 'run-0', force: true });
  world.pass(86_400);
  jest.spyOn(world.logins, 'retire').mockRejectedValue(new MissingRightsError('It may not lock it.'));
  await expect(world.process().rotate({ credential, runId: 'run-1' })).rejects.toThrow();
  expect(await reportOf(world)).toMatchObject({
    failed: 1,
    failures: expect.stringContaining('MissingRightsError: It may not lock it.'),
  });
  // And whoever starts again at once waits for nobody.
  expect(await world.process().engine.begin({ credential, runId: 'run-2' })).toMatchObject({
    next: 'retire',
  });
});

test('what breaks without words of ours is told by its name alone', async () => {
  const world = rotatingWorld();
  const denied = Object.assign(new Error('the value was …'), { name: 'AccessDeniedException' });
  jest.spyOn(world.store, 'describe').mockRejectedValue(denied);
  await expect(world.process().rotate({ credential, runId: 'run-1' })).rejects.toThrow();
  const { failures } = await reportOf(world);
  expect(failures).toContain('AccessDeniedException: The step broke.');
});

test('names ten of many failures, with long errors, within its contract', async () => {
  const world = rotatingWorld();
  const ids = Array.from({ length: 12 }, (_, index) => `${credential}-${index}`);
  const at = world.now().toISOString();
  const lastResult = {
    outcome: 'abandoned',
    at,
    runId: 'run-1',
    error: 'E',
    message: 'x'.repeat(2000),
  } as const;
  for (const id of ids)
    world.journal.records.set(id, { id, consumers: [], attempts: 1, revision: 1, lastResult });
  const said = reportRotationOutput.parse(await reportOf(world, { ids }));
  expect(said.failures.split('; ')).toHaveLength(10);
});

test.each(['in flight', 'due'])(
  'a secret that is gone, %s, is let go, and comes back like any other',
  async (how) => {
    const world = rotatingWorld();
    const { engine, rotate } = world.process();
    if (how === 'in flight') await engine.begin({ credential, runId: 'run-0', force: true });
    else await rotate({ credential, runId: 'run-0' });
    const list = listing(world);
    const secret = world.manager.secrets.get(credential);
    world.manager.secrets.delete(credential);
    world.pass(40 * 86_400);
    expect((await list()).items).toMatchObject([{ credential }]);
    expect(await rotate({ credential, runId: 'run-1' })).toEqual({ next: 'done', outcome: 'gone' });
    expect(await reportOf(world)).toMatchObject({ notDue: 1, failed: 0 });
    expect(await reportOf(world, { force: true })).toMatchObject({ failed: 1 });
    expect((await list()).count).toBe(0);
    const record = world.journal.records.get(credential);
    expect(record && isThere(record)).toBe(false);
    if (secret) world.manager.secrets.set(credential, secret);
    expect((await list()).count).toBe(1);
    expect(await rotate({ credential, runId: 'run-2' })).toMatchObject({ next: 'drain' });
  },
);

test('whose tag was taken away while it drains is finished', async () => {
  const world = rotatingWorld();
  await world.process().rotate({ credential, runId: 'run-0', force: true });
  const secret = world.manager.secrets.get(credential);
  if (secret) world.manager.secrets.set(credential, { ...secret, tags: {} });
  world.pass(600);
  expect((await listing(world)()).items).toMatchObject([{ credential }]);
  await expect(world.process().rotate({ credential, runId: 'run-1' })).rejects.toMatchObject({
    name: 'CredentialTagsError',
  });
  expect(world.manager.bearing(credential, 'AWSPREVIOUS')).toEqual([]);
});

test('a clock that jumped ahead keeps nothing from being looked at', async () => {
  const world = rotatingWorld();
  world.pass(1000 * 86_400);
  await world.process().rotate({ credential, runId: 'run-0', force: true });
  world.pass(-999 * 86_400);
  expect((await listing(world)()).count).toBe(1);
  world.pass(999 * 86_400);
  await world.process().rotate({ credential, runId: 'run-0' });
  world.pass(-999 * 86_400);
  expect((await listing(world)()).count).toBe(1);
});

test('whose tags were changed is looked at, and is due by a shorter period', async () => {
  const world = rotatingWorld();
  const rotate = (runId: string) => world.process().rotate({ credential, runId });
  const tagged = (changed: Tags) => {
    const secret = world.manager.secrets.get(credential);
    if (secret) world.manager.secrets.set(credential, { ...secret, tags: { ...tags, ...changed } });
  };
  await rotate('run-0');
  world.pass(5 * 86_400);
  expect((await listing(world)()).count).toBe(0);
  tagged({ owner: 'team-billing' });
  expect((await listing(world)()).count).toBe(1);
  expect(await rotate('run-1')).toMatchObject({ outcome: 'not-due' });
  expect(world.journal.records.get(credential)?.owner).toBe('team-billing');
  expect((await listing(world)()).count).toBe(0);
  tagged({ owner: 'team-billing', 'rotation-days': '2' });
  expect((await listing(world)()).count).toBe(1);
  expect(await rotate('run-2')).toMatchObject({ next: 'drain' });
});
