import fc from 'fast-check';
import { formToken, isFormToken } from '../../../../lambdas/approval-pages/form-token';
import { makeCredentialClient } from '../../../../lambdas/credential-client/credential-client';
import { readFromSecretsManager } from '../../../../lambdas/credential-client/secrets-manager';
import { readSigned, signValue } from '../../../../lambdas/identity/signed-value';
import { makeEngine } from '../../../../lambdas/rotation/engine';
import {
  CredentialFormatError,
  CredentialRefusedError,
  MissingRightsError,
} from '../../../../lambdas/rotation/errors';
import { makeRotate } from '../../../../lambdas/rotation/rotate';
import { makeSecretsManagerStore } from '../../../../lambdas/rotation/secrets-manager-store';
import { signingKey } from '../../../../lambdas/rotation/strategies/signing-key';
import { everyFault, type Fault, FaultPlan } from '../../../support/faulty-ports';
import { inMemoryJournal } from '../../../support/in-memory-journal';
import { InMemorySecretsManager } from '../../../support/in-memory-secrets-manager';

jest.setTimeout(60_000);

const webhookKey = (bytes: number, letter = 'a'): string =>
  `whsec_${Buffer.from(letter.repeat(bytes)).toString('base64')}`;
const generated = 'k'.repeat(64);

test.each([
  ['the key that CloudFormation generated', generated, /^[A-Za-z0-9_-]{64}$/],
  [
    'a key that a person put',
    `{a "b" $%&/()=?!#'\\~${'k'.repeat(40)}`.replaceAll(' ', ''),
    /^[A-Za-z0-9_-]{64}$/,
  ],
  ['a key of a webhook', webhookKey(32), /^whsec_[A-Za-z0-9+/]{43}=$/],
])('%s is followed by another of its kind, each time', async (_, current, form) => {
  const made = [await signingKey.make(current), await signingKey.make(current)];
  for (const pending of made) {
    expect(pending).toMatch(form);
    await signingKey.set({ current, pending });
    await signingKey.test({ current, pending });
    // As it is confirmed, and as it is rolled back.
    await signingKey.test({ current: pending, pending });
    await signingKey.test({ current: pending, pending: current });
    expect(await signingKey.works(pending)).toBe(true);
  }
  expect(new Set([current, ...made]).size).toBe(3);
});

test.each([
  ['nothing', ''],
  ['a short text', 'x'.repeat(42)],
  ['JSON', `{"key":"${generated}"}`],
  ['two keys, exchanged by hand', `${webhookKey(32)}\n${webhookKey(32, 'b')}`],
  ['JSON that is a number', '1'.repeat(43)],
  ['words', 'a b c d e f '.repeat(6)],
  ['a key of a webhook that is too short', webhookKey(16)],
  ['a key of a webhook that is too long', webhookKey(65)],
])('refuses %s, and repeats nothing of it', (_, value) => {
  const make = () => signingKey.make(value);
  expect(make).toThrow(CredentialFormatError);
  expect(make).not.toThrow(value === '' ? /\0/ : value);
});

test('refuses a next key that is shorter, or of another kind', async () => {
  await expect(signingKey.test({ current: webhookKey(48), pending: webhookKey(32) })).rejects.toThrow(
    MissingRightsError,
  );
  await expect(signingKey.test({ current: generated, pending: webhookKey(32) })).rejects.toThrow(
    CredentialRefusedError,
  );
});

const credential = 'orchestrator-test/page';
const overlapSeconds = 3600;
/** Of what is signed: with what a signer may hold it for, below the overlap. */
const lifeSeconds = 3000;

/** A page secret that is rotated, and three functions that sign and verify with it throughout. */
const rotatedPages = () => {
  let clock = Date.parse('2026-01-01T00:00:00.000Z');
  const now = () => new Date(clock);
  const manager = new InMemorySecretsManager(now);
  manager.create(credential, generated, {
    'rotation-strategy': 'signing-key',
    'rotation-days': '90',
    owner: 'orchestrator',
    'rotation-overlap': String(overlapSeconds),
  });
  const store = makeSecretsManagerStore(manager, { prefix: 'orchestrator-test/', own: [] });
  const journal = inMemoryJournal();
  const functions = Array.from({ length: 3 }, (_, index) =>
    makeCredentialClient({
      read: readFromSecretsManager(manager, credential),
      clock: () => clock,
      random: () => index / 3,
      wait: async () => undefined,
      overlapSeconds,
    }),
  );
  const signed: { readonly cookie: string; readonly form: string; readonly at: number }[] = [];
  let checked = 0;
  let refused = 0;

  /** One of the functions signs; all of them take what still lives. */
  const visit = async (): Promise<void> => {
    const key = await functions[checked % 3]?.current();
    if (key === undefined) return;
    signed.push({ cookie: signValue(key, 'session', 'x.1'), form: formToken(key, 'a', 'b'), at: clock });
    const living = signed.filter(({ at }) => clock - at < lifeSeconds * 1000);
    for (const { cookie, form } of [...living.slice(0, 1), ...living.slice(-1)])
      for (const one of functions) {
        checked += 2;
        if ((await one.verify((candidate) => readSigned(candidate, 'session', cookie))) !== 'x.1')
          refused += 1;
        if (!(await isFormToken(one, form, 'a', 'b'))) refused += 1;
      }
  };
  const labels = (): void => {
    const version = journal.records.get(credential)?.rotation?.version;
    expect(manager.bearing(credential, 'AWSCURRENT')).toHaveLength(1);
    for (const pending of manager.bearing(credential, 'AWSPENDING'))
      expect([version, ...manager.bearing(credential, 'AWSCURRENT')]).toContain(pending);
  };
  const after = async (): Promise<void> => {
    labels();
    await visit();
  };
  const rotate = (runId: string, plan = new FaultPlan()) => {
    const engine = makeEngine({
      store: plan.wrap(store, after),
      journal: plan.wrap(journal),
      strategies: [plan.wrap(signingKey, after)],
      now,
      tell: async () => undefined,
    });
    const run = makeRotate(engine, { tries: 2, pause: async () => undefined });
    return plan.run(() => run({ credential, runId, force: true }));
  };
  /** With visits on the way, as on any day. */
  const pass = async (seconds: number): Promise<void> => {
    for (let left = seconds; left > 0; left -= 400) {
      clock += Math.min(left, 400) * 1000;
      await visit();
    }
  };
  const [first] = manager.bearing(credential, 'AWSCURRENT');
  return {
    /** One run, which waits where it is told to. */
    run: async (runId: string, plan?: FaultPlan): Promise<void> => {
      let { until } = await rotate(runId, plan);
      while (until !== undefined) {
        await pass(Math.max(1, (Date.parse(until) - clock) / 1000));
        ({ until } = await rotate(runId));
      }
    },
    isRotated: () =>
      manager.bearing(credential, 'AWSCURRENT')[0] !== first &&
      journal.records.get(credential)?.rotation === undefined,
    visit,
    pass,
    manager,
    told: () => ({ checked, refused }),
  };
};

test('200 seeded rotations, with a fault at each call: what was signed is known throughout', async () => {
  let checked = 0;
  let refused = 0;
  let most = 0;
  const seeds = Array.from({ length: 200 }, (_, seed) => seed);
  for (const seed of seeds) {
    const world = rotatedPages();
    await world.visit();
    const [more] = fc.sample(
      fc.array(fc.tuple(fc.nat(40), fc.constantFrom<Fault>(...everyFault)), { maxLength: 2 }),
      {
        seed,
        numRuns: 1,
      },
    );
    const plan = new FaultPlan([
      ...(more ?? []),
      // Each call of a rotation meets each fault.
      [Math.floor(seed / everyFault.length), everyFault[seed % everyFault.length] as Fault] as const,
    ]);
    await world.run('run-1', plan).catch(() => undefined);
    // A run that was killed keeps its lease for a while.
    await world.pass(400);
    let attempts = 1;
    while (!world.isRotated()) {
      attempts += 1;
      if (attempts > 6) throw new Error(`The rotation with the seed ${seed} does not end.`);
      await world.run(`run-${attempts}`).catch(() => undefined);
    }
    most = Math.max(most, attempts);
    for (const label of ['AWSPENDING', 'AWSPREVIOUS'])
      expect([seed, label, world.manager.bearing(credential, label)]).toEqual([seed, label, []]);
    checked += world.told().checked;
    refused += world.told().refused;
  }
  expect(refused).toBe(0);
  expect(checked).toBeGreaterThan(10_000);
  expect(most).toBeLessThanOrEqual(3);
});
