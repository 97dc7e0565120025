import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { credential, rotatingWorld, tags } from '../../support/rotating';

const day = 86_400;
const of = { credential, runId: 'run-1', force: true };

const rotated = async () => {
  const world = rotatingWorld();
  const { rotate, engine } = world.process();
  const drained = await rotate(of);
  return { ...world, rotate, engine, drained };
};

test('brings a credential to its next version, and waits for its overlap', async () => {
  const { drained, manager, journal, now } = await rotated();
  expect(drained).toMatchObject({ next: 'drain', until: new Date(now().getTime() + 600_000).toISOString() });
  expect(manager.bearing(credential, 'AWSCURRENT')).toEqual([drained.version]);
  expect(manager.bearing(credential, 'AWSPREVIOUS')).toEqual(['first']);
  expect(manager.bearing(credential, 'AWSPENDING')).toEqual([]);
  expect(journal.records.get(credential)).toMatchObject({
    strategy: 'alternating-logins',
    owner: 'team-orders',
    consumers: ['orders-api'],
    rotation: { step: 'drain', runId: 'run-1', attempt: 1 },
  });
});

test('retires the previous version once its overlap has passed and nobody uses it', async () => {
  const { rotate, pass, logins, manager, journal, told } = await rotated();
  pass(600);
  logins.inUse = ['10.0.0.7 orders-api'];
  const waiting = await rotate(of);
  expect(waiting.next).toBe('drain');
  pass(60);
  logins.inUse = [];
  expect(await rotate(of)).toMatchObject({ next: 'done', outcome: 'completed' });
  expect(manager.bearing(credential, 'AWSPREVIOUS')).toEqual([]);
  expect(logins.logins.get('one')).toBeUndefined();
  const record = journal.records.get(credential);
  expect(record?.rotation).toBeUndefined();
  expect(record).toMatchObject({ attempts: 0, lastResult: { outcome: 'completed', runId: 'run-1' } });
  expect(told.map(({ type }) => type)).toEqual([
    'credential.rotation-begun',
    'credential.rotation-promoted',
    'credential.rotation-completed',
  ]);
});

test('the same run again changes nothing more', async () => {
  const { rotate, pass, manager } = await rotated();
  pass(600);
  await rotate(of);
  const [version] = manager.bearing(credential, 'AWSCURRENT');
  await rotate(of);
  expect(manager.bearing(credential, 'AWSCURRENT')).toEqual([version]);
});

test('gives up waiting for those who still use the previous version, which stays valid, and goes on in the next run', async () => {
  const { rotate, pass, logins, journal, signsIn, process } = await rotated();
  logins.inUse = ['10.0.0.7 report'];
  pass(2 * 600 + 900);
  expect(await rotate(of)).toMatchObject({ next: 'done', outcome: 'draining' });
  expect(journal.records.get(credential)?.lastResult).toMatchObject({
    outcome: 'draining',
    message: expect.stringContaining('10.0.0.7 report'),
  });
  expect(signsIn('AWSPREVIOUS')).toEqual([true]);
  logins.inUse = [];
  expect(await process().rotate({ credential, runId: 'run-2' })).toMatchObject({ outcome: 'not-due' });
  expect(signsIn('AWSPREVIOUS')).toEqual([]);
});

test('does not begin before it is due, and a little before its period is over', async () => {
  const { process, pass, journal } = rotatingWorld();
  const { rotate } = process();
  expect(await rotate({ credential, runId: 'a' })).toEqual({ next: 'done', outcome: 'not-due' });
  const due = Date.parse(journal.records.get(credential)?.nextDueAt ?? '');
  expect(due).toBeGreaterThan(Date.parse('2026-01-29T00:00:00Z'));
  expect(due).toBeLessThanOrEqual(Date.parse('2026-01-31T00:00:00Z'));
  pass(30 * day);
  expect((await rotate({ credential, runId: 'b' })).next).toBe('drain');
});

test('abandons what fails before promotion, and tries anew with another version', async () => {
  const { process, logins, journal, manager, told } = rotatingWorld();
  logins.isBroken = true;
  const { rotate } = process();
  const abandoned = await rotate(of);
  expect(abandoned).toMatchObject({
    outcome: 'abandoned',
    because: { error: 'CredentialRefusedError', message: 'The pending login is refused.' },
  });
  expect(manager.bearing(credential, 'AWSPENDING')).toEqual([]);
  expect(logins.logins.get('two')).toBeUndefined();
  expect(told.at(-1)).toMatchObject({
    type: 'credential.rotation-abandoned',
    error: 'CredentialRefusedError',
  });
  logins.isBroken = false;
  const second = await rotate(of);
  expect(second.version).not.toBe(abandoned.version);
  expect(journal.records.get(credential)?.rotation?.attempt).toBe(2);
});

/** Drives a rotation by single steps up to `confirm`. */
const promoted = async () => {
  const world = rotatingWorld();
  const { engine } = world.process();
  await engine.begin(of);
  for (const step of ['create', 'set', 'test', 'promote'] as const)
    await engine.step({ credential, runId: 'run-1', step });
  return { ...world, engine };
};
const because = { error: 'CredentialRefusedError', message: 'refused' };

test('rolls back what does not work as the current one, and retires it like any other', async () => {
  const { engine, manager, journal, process, pass, told, logins } = await promoted();
  const back = await engine.step({ credential, runId: 'run-1', step: 'roll-back', because });
  expect(back).toMatchObject({ next: 'done', outcome: 'rolled-back', version: 'first' });
  expect(manager.bearing(credential, 'AWSCURRENT')).toEqual(['first']);
  expect(told.at(-1)?.type).toBe('credential.rotation-rolled-back');
  expect(journal.records.get(credential)?.lastResult).toMatchObject({ outcome: 'rolled-back', ...because });
  pass(600);
  const next = await process().rotate({ credential, runId: 'run-2', force: true });
  expect(logins.logins.get('one')).toBe('password-0');
  expect(next).toMatchObject({ next: 'drain' });
});

test('does not roll back to what does not work either', async () => {
  const { engine, logins, manager, journal } = await promoted();
  logins.works = async () => false;
  const version = manager.bearing(credential, 'AWSCURRENT');
  expect(await engine.step({ credential, runId: 'run-1', step: 'roll-back', because })).toMatchObject({
    outcome: 'failed',
  });
  expect(manager.bearing(credential, 'AWSCURRENT')).toEqual(version);
  expect(journal.records.get(credential)?.rotation?.step).toBe('confirm');
});

test('abandons nothing that is promoted: it rolls forward', async () => {
  const { engine, manager } = await promoted();
  const version = manager.bearing(credential, 'AWSCURRENT');
  expect(await engine.step({ credential, runId: 'run-1', step: 'abandon', because })).toMatchObject({
    next: 'confirm',
  });
  expect(manager.bearing(credential, 'AWSCURRENT')).toEqual(version);
});

test('keeps a second run away, and lets it take over when the first is silent for longer than a step', async () => {
  const { process, pass, journal } = rotatingWorld();
  const first = process().engine;
  const second = process().engine;
  await first.begin(of);
  const busy = await second.begin({ credential, runId: 'run-2' });
  expect(busy).toMatchObject({ next: 'busy' });
  expect(await second.step({ credential, runId: 'run-2', step: 'create' })).toMatchObject({ next: 'busy' });
  pass(181);
  expect(await second.begin({ credential, runId: 'run-2' })).toMatchObject({ next: 'create' });
  expect(journal.records.get(credential)?.rotation?.runId).toBe('run-2');
  expect(await first.step({ credential, runId: 'run-1', step: 'set' })).toMatchObject({ next: 'busy' });
});

test('a clock that jumps back makes nobody wait longer than the overlap, or than a lease', async () => {
  const { pass, process, journal, now } = await rotated();
  pass(-100 * day);
  const later = await process().rotate({ credential, runId: 'run-2' });
  expect(Date.parse(later.until ?? '')).toBe(now().getTime() + 600_000);
  const record = await journal.read(credential);
  if (record)
    await journal.write({ ...record, lease: { runId: 'run-9', until: '2026-12-01T00:00:00.000Z' } });
  expect((await process().rotate({ credential, runId: 'run-2' })).next).toBe('drain');
});

test.each([
  ['a version with a value', 'two-of-somebody'],
  ['a version without a value', undefined],
])('clears away %s that somebody left pending', async (_, value) => {
  const { manager, process, logins } = rotatingWorld();
  manager.beginNative(credential, 'left-over');
  if (value) {
    await manager.send(
      new PutSecretValueCommand({
        SecretId: credential,
        ClientRequestToken: 'left-over',
        SecretString: JSON.stringify({ username: 'two', password: value }),
        VersionStages: ['AWSPENDING'],
      }),
    );
    logins.logins.set('two', value);
  }
  const engine = process().engine;
  await engine.begin(of);
  await engine.step({ credential, runId: 'run-1', step: 'create' });
  const [pending] = manager.bearing(credential, 'AWSPENDING');
  expect(pending).toMatch(/^[0-9a-f]{64}$/);
  expect(logins.logins.get('two')).toBeUndefined();
});

test('how old a credential is, is asked only where the journal does not know', async () => {
  const world = rotatingWorld();
  const asked = jest.spyOn(world.store, 'currentSince');
  const rotate = world.process().rotate;
  await rotate(of);
  expect(asked).toHaveBeenCalledTimes(1);
  world.pass(600);
  await rotate(of);
  world.pass(40 * day);
  await rotate({ credential, runId: 'run-2' });
  expect(asked).toHaveBeenCalledTimes(1);
});

test('what somebody put by hand counts from then on', async () => {
  const { manager, process, logins, pass, journal, now, converge } = rotatingWorld();
  await process().rotate(of);
  await converge();
  const before = journal.records.get(credential)?.nextDueAt ?? '';
  pass(10 * day);
  const value = { username: 'one', password: 'by-hand' };
  logins.logins.set('one', 'by-hand');
  await manager.send(
    new PutSecretValueCommand({
      SecretId: credential,
      ClientRequestToken: 'by-hand',
      SecretString: JSON.stringify(value),
    }),
  );
  const put = now().toISOString();
  await process().rotate({ credential, runId: 'run-2' });
  const record = journal.records.get(credential);
  expect(record).toMatchObject({ lastRotatedAt: put, rotation: { step: 'drain', version: 'by-hand' } });
  expect(Date.parse(record?.nextDueAt ?? '')).toBeGreaterThan(Date.parse(before) + 9 * day * 1000);
});

test('finishes what somebody else has rotated before it begins its own', async () => {
  const { manager, process, logins, pass, store } = rotatingWorld();
  logins.logins.set('two', 'by-hand');
  await store.stage(credential, 'by-hand', JSON.stringify({ username: 'two', password: 'by-hand' }));
  await store.promote(credential, { to: 'by-hand', from: 'first' });
  const { rotate } = process();
  expect(await rotate(of)).toMatchObject({ next: 'drain', version: 'by-hand' });
  pass(600);
  const own = await rotate(of);
  expect(own.next).toBe('drain');
  expect(manager.bearing(credential, 'AWSPREVIOUS')).toEqual(['by-hand']);
});

test('abandons when somebody makes another version current meanwhile', async () => {
  const { process, store, logins, manager } = rotatingWorld();
  const { engine, rotate } = process();
  await engine.begin(of);
  await engine.step({ credential, runId: 'run-1', step: 'create' });
  await store.dropPending(credential, manager.bearing(credential, 'AWSPENDING')[0] ?? '');
  logins.logins.set('two', 'by-hand');
  await store.stage(credential, 'by-hand', JSON.stringify({ username: 'two', password: 'by-hand' }));
  await store.promote(credential, { to: 'by-hand', from: 'first' });
  expect(await rotate(of)).toMatchObject({ outcome: 'abandoned' });
  expect(logins.logins.get('two')).toBe('by-hand');
});

test.each([
  ['no owner', { ...tags, owner: '' }, 'owner'],
  ['no number of days', { ...tags, 'rotation-days': 'monthly' }, 'rotation-days'],
  ['an unknown strategy', { ...tags, 'rotation-strategy': 'guess' }, 'guess'],
])('changes nothing where the tags say %s, and writes down why', async (_, wrong, named) => {
  const { manager, process, journal } = rotatingWorld({ tags: wrong });
  const failure = process().rotate(of);
  await expect(failure).rejects.toMatchObject({
    name: 'CredentialTagsError',
    message: expect.stringContaining(named),
  });
  expect(journal.records.get(credential)?.lastResult).toMatchObject({ error: 'CredentialTagsError' });
  expect(manager.bearing(credential, 'AWSCURRENT')).toEqual(['first']);
});

test('a value that is no JSON is refused without a part of it in any message', async () => {
  const { process, journal } = rotatingWorld({ value: 'hunter2-secret' });
  const done = await process().rotate(of);
  expect(done).toMatchObject({ outcome: 'abandoned', because: { error: 'CredentialFormatError' } });
  expect(JSON.stringify([done, [...journal.records]])).not.toContain('hunter2');
});

test('nothing secret stands in the journal or in what is told', async () => {
  const { rotate, pass, journal, told } = await rotated();
  pass(600);
  await rotate(of);
  expect(JSON.stringify([[...journal.records], told])).not.toContain('password-');
});
