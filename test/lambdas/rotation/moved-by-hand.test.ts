import { PutSecretValueCommand, UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import { makeEngine } from '../../../lambdas/rotation/engine';
import { standingOf } from '../../../lambdas/rotation/life-cycle';
import { makeRotate } from '../../../lambdas/rotation/rotate';
import { credential, rotatingWorld, tags } from '../../support/rotating';

const day = 86_400;
const of = { credential, runId: 'run-1', force: true };
type World = ReturnType<typeof rotatingWorld>;

/** Drives a rotation by single steps up to `promote`. */
const tested = async () => {
  const world = rotatingWorld();
  const { engine } = world.process();
  const { version = '' } = await engine.begin(of);
  for (const step of ['create', 'set', 'test'] as const)
    await engine.step({ credential, runId: 'run-1', step });
  return { ...world, engine, version };
};
const needsOf = ({ journal, now }: World) => {
  const record = journal.records.get(credential);
  return record && standingOf(record, now()).needs;
};

test('what is moved back by hand begins a whole overlap, however long ago the other one was promoted', async () => {
  const world = rotatingWorld();
  const { version } = await world.process().rotate(of);
  world.pass(day);
  await world.manager.send(
    new UpdateSecretVersionStageCommand({
      SecretId: credential,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: 'first',
      RemoveFromVersionId: version,
    }),
  );
  const until = new Date(world.now().getTime() + 600_000).toISOString();
  const waiting = await world.process().rotate({ credential, runId: 'run-2' });
  expect(waiting).toMatchObject({ next: 'drain', until, version: 'first' });
  expect(world.signsIn('AWSPREVIOUS')).toEqual([true]);
  world.pass(600);
  await world.process().rotate({ credential, runId: 'run-2' });
  expect(world.manager.bearing(credential, 'AWSPREVIOUS')).toEqual([]);
});

test('what was promoted unrecorded, and moved back by hand, is drained and not cut off', async () => {
  const { store, version, ...world } = await tested();
  await store.promote(credential, { to: version, from: 'first' });
  await store.promote(credential, { to: 'first', from: version });
  world.pass(200);
  expect(await world.process().rotate({ credential, runId: 'run-2' })).toMatchObject({ next: 'drain' });
  expect(world.signsIn('AWSPREVIOUS')).toEqual([true]);
});

test('a roll back that was not done after all leaves nothing of itself where the rotation goes forward', async () => {
  const { engine, store, logins, ...world } = await tested();
  const because = { error: 'CredentialRefusedError', message: 'refused' };
  const step = (named: 'promote' | 'roll-back') =>
    engine.step({ credential, runId: 'run-1', step: named, because });
  await step('promote');
  const killed = jest.spyOn(store, 'promote').mockRejectedValueOnce(new Error('killed'));
  await expect(step('roll-back')).rejects.toThrow('killed');
  killed.mockRestore();
  const refused = jest.spyOn(logins, 'works').mockResolvedValue(false);
  expect(await step('roll-back')).toMatchObject({ outcome: 'failed' });
  refused.mockRestore();
  const { rotate } = world.process();
  await rotate(of);
  world.pass(600);
  expect(await rotate(of)).toMatchObject({ outcome: 'completed' });
  expect(world.told.at(-1)?.type).toBe('credential.rotation-completed');
  expect(world.journal.records.get(credential)?.attempts).toBe(0);
});

test('a version before that is none of the strategy was never accepted: its label is dropped', async () => {
  const { manager, store, journal, logins, now, first, pass } = rotatingWorld({ value: 'changeme' });
  await manager.send(
    new PutSecretValueCommand({
      SecretId: credential,
      ClientRequestToken: 'corrected',
      SecretString: JSON.stringify(first),
    }),
  );
  pass(600);
  const engine = makeEngine({ store, journal, strategies: [logins], now, tell: async () => undefined });
  const rotate = makeRotate(engine, { tries: 1, pause: async () => undefined });
  expect(await rotate(of)).toMatchObject({ next: 'drain' });
  expect(manager.bearing(credential, 'AWSPREVIOUS')).toEqual(['corrected']);
});

test('a left-over pending version that is none of the strategy is cleared away', async () => {
  const world = rotatingWorld();
  await world.manager.send(
    new PutSecretValueCommand({
      SecretId: credential,
      ClientRequestToken: 'left-over',
      SecretString: 'no JSON',
      VersionStages: ['AWSPENDING'],
    }),
  );
  expect(await world.process().rotate(of)).toMatchObject({ next: 'drain' });
});

test('tags that were corrected make it fit again at once, due or not', async () => {
  const world = rotatingWorld({ tags: { ...tags, owner: '' } });
  await expect(world.process().rotate({ credential, runId: 'run-1' })).rejects.toThrow('owner');
  expect(needsOf(world)).toEqual(['unfit']);
  const secret = world.manager.secrets.get(credential);
  if (secret) world.manager.secrets.set(credential, { ...secret, tags });
  await world.process().rotate({ credential, runId: 'run-2' });
  expect(needsOf(world)).toEqual([]);
});

test('a try that failed needs nobody any more once the next one is promoted', async () => {
  const world = rotatingWorld();
  world.logins.isBroken = true;
  await world.process().rotate(of);
  expect(needsOf(world)).toEqual(['failed']);
  world.logins.isBroken = false;
  await world.process().rotate({ ...of, runId: 'run-2' });
  expect(needsOf(world)).toEqual([]);
});

test('a clock that jumped ahead and came back leaves nothing that is due in years', async () => {
  const world = rotatingWorld();
  world.pass(1000 * day);
  await world.process().rotate(of);
  world.pass(600);
  await world.process().rotate(of);
  world.pass(-1000 * day);
  await world.process().rotate({ credential, runId: 'run-2' });
  const { lastRotatedAt, nextDueAt } = world.journal.records.get(credential) ?? {};
  expect(lastRotatedAt).toBe(world.now().toISOString());
  expect(Date.parse(nextDueAt ?? '')).toBeLessThanOrEqual(world.now().getTime() + 30 * day * 1000);
});
