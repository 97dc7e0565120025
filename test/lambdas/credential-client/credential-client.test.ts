import {
  type CredentialClientOptions,
  type CredentialEvent,
  makeCredentialClient,
  type Stage,
} from '../../../lambdas/credential-client/credential-client';

class WrongPassword extends Error {}
const isWrong = (error: unknown): boolean => error instanceof WrongPassword;

/** A store and a target under a clock that only the test moves. */
const aWorld = (over: Partial<CredentialClientOptions> = {}) => {
  const world = {
    now: 0,
    values: { current: 'v1', previous: undefined } as Record<Stage, string | undefined>,
    isDown: false,
    accepted: new Set(['v1']),
    reads: [] as Stage[],
    tries: [] as string[],
    waits: [] as number[],
    events: [] as CredentialEvent[],
  };
  const client = makeCredentialClient({
    read: async (stage) => {
      world.reads.push(stage);
      if (world.isDown) throw Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
      return world.values[stage];
    },
    clock: () => world.now,
    random: () => 0.5,
    wait: async (milliseconds) => {
      world.waits.push(milliseconds);
      world.now += milliseconds;
    },
    onEvent: (event) => world.events.push(event),
    ...over,
  });
  const signIn = () =>
    client.withCredential(async (value) => {
      world.tries.push(value);
      if (!world.accepted.has(value)) throw new WrongPassword();
      return `in with ${value}`;
    }, isWrong);
  return { world, client, signIn };
};

const maxAge = 300_000;

test('reads once and keeps the value until its time has come', async () => {
  const { world, client } = aWorld();
  expect(await client.current()).toBe('v1');
  world.now = 0.75 * maxAge - 1;
  expect(await client.current()).toBe('v1');
  expect(world.reads).toEqual(['current']);
  world.now += 1;
  world.values.current = 'v2';
  expect(await client.current()).toBe('v2');
});

test.each([
  [0, 0.5],
  [0.999, 0.9995],
])('where chance says %p, it reads again after %p of the greatest age', async (chance, part) => {
  const { world, client } = aWorld({ random: () => chance });
  await client.current();
  world.now = part * maxAge - 1;
  await client.current();
  expect(world.reads).toHaveLength(1);
  world.now = Math.ceil(part * maxAge);
  await client.current();
  expect(world.reads).toHaveLength(2);
});

test('callers at the same moment share one read', async () => {
  const { world, client } = aWorld();
  await Promise.all(Array.from({ length: 50 }, () => client.current()));
  expect(world.reads).toEqual(['current']);
});

test('a value may not be held for as long as a replaced one works', () => {
  expect(() => aWorld({ maxAgeSeconds: 60, overlapSeconds: 60 })).toThrow(
    'A value may be held for 60 s, and a replaced one works for 60 s: the first must be the smaller.',
  );
});

test('without a first value, the error of the store is the caller’s, and the next call asks again', async () => {
  const { world, client } = aWorld();
  world.isDown = true;
  await expect(client.current()).rejects.toMatchObject({ name: 'ThrottlingException' });
  world.isDown = false;
  expect(await client.current()).toBe('v1');
});

test('a store that is down changes nothing of what is held, and is asked with pauses', async () => {
  const { world, client } = aWorld();
  await client.current();
  world.isDown = true;
  world.now = maxAge;
  for (let call = 0; call < 100; call++) expect(await client.current()).toBe('v1');
  expect(world.reads).toHaveLength(2);
  expect(world.events).toEqual([{ type: 'refresh-failed', error: 'ThrottlingException' }]);
  world.isDown = false;
  world.values.current = 'v2';
  world.now += 10_000;
  expect(await client.current()).toBe('v2');
});

test('a clock that is set back makes it read again', async () => {
  const { world, client } = aWorld();
  world.now = 1_000_000;
  await client.current();
  world.now = 999_999;
  await client.current();
  expect(world.reads).toHaveLength(2);
});

test('a credential without a current version is an error that says so', async () => {
  const { world, client } = aWorld();
  world.values.current = undefined;
  await expect(client.current()).rejects.toThrow('No version of the credential is current.');
});

test('a refusal is answered with the value that is current now', async () => {
  const { world, signIn } = aWorld();
  await signIn();
  world.values = { current: 'v2', previous: 'v1' };
  world.accepted = new Set(['v2']);
  expect(await signIn()).toBe('in with v2');
  expect(world.tries).toEqual(['v1', 'v1', 'v2']);
  expect(await signIn()).toBe('in with v2');
  expect(world.tries).toHaveLength(4);
});

test('where current is refused, the one before it is used until the next read', async () => {
  const { world, signIn } = aWorld();
  world.values = { current: 'v2', previous: 'v1' };
  expect(await signIn()).toBe('in with v1');
  world.tries = [];
  expect(await signIn()).toBe('in with v1');
  expect(world.tries).toEqual(['v1']);
  world.now += maxAge;
  world.accepted = new Set(['v1', 'v2']);
  expect(await signIn()).toBe('in with v2');
});

test('a wrong password is tried twice at most, and then once a call until ten seconds are over', async () => {
  const { world, signIn } = aWorld();
  world.accepted = new Set();
  world.values.previous = 'v0';
  await expect(signIn()).rejects.toThrow(WrongPassword);
  expect(world.tries).toEqual(['v1', 'v0']);
  world.tries = [];
  world.reads = [];
  for (let call = 0; call < 100; call++) await expect(signIn()).rejects.toThrow(WrongPassword);
  expect(world.tries).toHaveLength(100);
  expect(world.reads).toEqual([]);
  world.now += 10_000;
  await expect(signIn()).rejects.toThrow(WrongPassword);
  expect(world.reads).toEqual(['current', 'previous']);
  expect(world.events.at(-1)).toEqual({ type: 'refused', tries: 2 });
});

test('a hundred calls that are refused at once cause one read', async () => {
  const { world, signIn } = aWorld();
  await signIn();
  world.reads = [];
  world.values = { current: 'v2', previous: 'v1' };
  world.accepted = new Set(['v2']);
  const all = await Promise.all(Array.from({ length: 100 }, signIn));
  expect(new Set(all)).toEqual(new Set(['in with v2']));
  expect(world.reads).toEqual(['current', 'previous']);
});

test('what fails otherwise is no reason to try again', async () => {
  const { world, client } = aWorld();
  const failing = client.withCredential(async () => {
    throw new RangeError('the table is full');
  }, isWrong);
  await expect(failing).rejects.toThrow(RangeError);
  expect(world.reads).toEqual(['current']);
});

test('a refusal while the store is down is thrown, and what is held stays', async () => {
  const { world, client, signIn } = aWorld();
  await signIn();
  world.isDown = true;
  world.accepted = new Set();
  await expect(signIn()).rejects.toThrow(WrongPassword);
  expect(await client.current()).toBe('v1');
});

test('tells of current and previous, and of one where both are the same', async () => {
  const { world, client } = aWorld();
  await client.current();
  world.values.previous = 'v0';
  expect(await client.currentAndPrevious()).toEqual({ current: 'v1', previous: 'v0' });
  world.now += maxAge;
  world.values.previous = 'v1';
  expect(await client.currentAndPrevious()).toEqual({ current: 'v1' });
});

test('verifies with current and with previous, without asking the store again', async () => {
  const { world, client } = aWorld();
  world.values.previous = 'v0';
  for (const signer of ['v1', 'v0'])
    expect(await client.verify((key) => (key === signer ? `by ${key}` : undefined))).toBe(`by ${signer}`);
  expect(world.reads).toEqual(['current', 'previous']);
});

test('a signature of a newer key is known after one read', async () => {
  const { world, client } = aWorld();
  await client.currentAndPrevious();
  world.values = { current: 'v2', previous: 'v1' };
  expect(await client.verify((key) => key === 'v2' || undefined)).toBe(true);
});

test('signatures of nobody cause a read a second, and a good one in between waits for the next', async () => {
  const { world, client } = aWorld();
  const nobody = () => client.verify(() => undefined);
  await nobody();
  world.reads = [];
  world.now += 400;
  world.values = { current: 'v2', previous: 'v1' };
  const answers = await Promise.all([nobody(), nobody(), client.verify((key) => key === 'v2' || undefined)]);
  expect(answers).toEqual([undefined, undefined, true]);
  expect(world.waits).toEqual([600]);
  expect(world.reads).toEqual(['current', 'previous']);
});

test('with a store that is down, what is signed with a held key is still known', async () => {
  const { world, client } = aWorld();
  await client.currentAndPrevious();
  world.isDown = true;
  world.now = maxAge;
  expect(await client.verify((key) => key === 'v1' || undefined)).toBe(true);
  expect(await client.verify((key) => key === 'v2' || undefined)).toBeUndefined();
});

test('no event holds a value', async () => {
  const { world, client, signIn } = aWorld();
  world.values = { current: 'secret-current', previous: 'secret-previous' };
  await expect(signIn()).rejects.toThrow(WrongPassword);
  await client.verify(() => undefined);
  world.isDown = true;
  world.now += maxAge;
  await client.current();
  expect(new Set(world.events.map(({ type }) => type))).toEqual(
    new Set(['refused', 'unknown-signature', 'refresh-failed']),
  );
  expect(JSON.stringify(world.events)).not.toMatch(/secret-/);
});

test('labels that move between two reads leave nobody out', async () => {
  const labels: Record<Stage, string> = { current: 'v2', previous: 'v1' };
  const { client } = aWorld({
    read: async (stage) => {
      const value = labels[stage];
      // Rolled back just after the first read.
      Object.assign(labels, { current: 'v1', previous: 'v2' });
      return value;
    },
  });
  expect(await client.currentAndPrevious()).toEqual({ current: 'v1', previous: 'v2' });
});
