import type { CredentialStore, Tags } from '../../lambdas/rotation/credential-store';
import {
  CredentialChangedError,
  CredentialNotFoundError,
  RotationInFlightError,
} from '../../lambdas/rotation/errors';
import { collect } from './collect';

/** A store that is tried, and a way round it to make what people make. */
export interface StoreOnTrial {
  readonly store: CredentialStore;
  /** Makes a secret with its first value; its id. */
  create(name: string, value: object, tags: Tags): Promise<string>;
  /** Writes another value as a person would, past the store. */
  overwrite(id: string, value: object): Promise<void>;
}

const tags = { 'rotation-strategy': 'any', 'rotation-days': '30', owner: 'ops@example.org' };
const first = { username: 'a', password: 'one <&> é', nested: { port: 5432 } };
const second = { username: 'b', password: 'two', nested: { port: 5432 } };

/** What every store of credentials does; `version(n)` is an id that the store takes for a version. */
export const itKeepsCredentials = (
  open: () => Promise<StoreOnTrial>,
  version = (n: number): string => `0000000000000000000000000000000${n}`,
): void => {
  const begin = async (name: string) => {
    const trial = await open();
    const { store } = trial;
    const id = await trial.create(name, first, tags);
    const { current } = (await store.describe(id)).labels;
    const labels = async () => (await store.describe(id)).labels;
    const value = async (of: string): Promise<unknown> => JSON.parse(await store.read(id, of));
    return { ...trial, id, current, labels, value };
  };
  const [next, other] = [version(1), version(2)];

  test('what bears the tag is listed, and nothing else', async () => {
    const { store, id, create } = await begin('listed');
    const plain = await create('plain', first, { owner: 'ops@example.org' });
    await store.stage(id, next, JSON.stringify(second));
    const listed = await collect(store.list());
    const ids = listed.map((one) => one.id);
    expect(ids.filter((one) => [id, plain].includes(one))).toEqual([id]);
    for (const one of listed) expect((await store.describe(one.id)).tags).toEqual(one.tags);
  });

  test('a secret that nobody rotated has a current version, its tags and an age', async () => {
    const { store, id, current, labels, value } = await begin('fresh');
    expect(await labels()).toEqual({ current });
    expect(await value(current)).toEqual(first);
    expect((await store.describe(id)).tags).toMatchObject(tags);
    const since = await store.currentSince(id);
    expect(new Date(since).toISOString()).toBe(since);
  });

  test('what does not exist is not found', async () => {
    const { store, id } = await begin('missing');
    await expect(store.describe(`${id}-not`)).rejects.toThrow(CredentialNotFoundError);
    await expect(store.currentSince(`${id}-not`)).rejects.toThrow(CredentialNotFoundError);
    await expect(store.read(id, other)).rejects.toThrow(CredentialNotFoundError);
  });

  test('a staged value is pending, nobody reads it as current, and staging again changes nothing', async () => {
    const { store, id, current, labels, value } = await begin('staged');
    await store.stage(id, next, JSON.stringify(second));
    await store.stage(id, next, JSON.stringify({ username: 'c' }));
    expect(await labels()).toEqual({ current, pending: next });
    expect(await value(next)).toEqual(second);
    expect(await value(current)).toEqual(first);
    await expect(store.stage(id, other, JSON.stringify(second))).rejects.toThrow(RotationInFlightError);
    expect(await labels()).toEqual({ current, pending: next });
  });

  test('a promotion moves both labels, again moves nothing, and both values can be read', async () => {
    const { store, id, current, labels, value } = await begin('promoted');
    await store.stage(id, next, JSON.stringify(second));
    const before = await store.currentSince(id);
    for (let times = 0; times < 2; times += 1) {
      await store.promote(id, { to: next, from: current });
      expect(await labels()).toEqual({ current: next, previous: current });
    }
    expect([await value(next), await value(current)]).toEqual([second, first]);
    expect((await store.currentSince(id)) >= before).toBe(true);
    expect((await store.describe(id)).tags).toMatchObject(tags);
  });

  test('a promotion can be taken back', async () => {
    const { store, id, current, labels, value } = await begin('back');
    await store.stage(id, next, JSON.stringify(second));
    await store.promote(id, { to: next, from: current });
    await store.promote(id, { to: current, from: next });
    await store.promote(id, { to: current, from: next });
    expect(await labels()).toEqual({ current, previous: next });
    expect([await value(current), await value(next)]).toEqual([first, second]);
    await store.dropPrevious(id, next);
    expect(await labels()).toEqual({ current });
    expect(await value(current)).toEqual(first);
  });

  test('a promotion from what is not current moves nothing', async () => {
    const { store, id, labels, overwrite, current, value } = await begin('changed');
    await store.stage(id, next, JSON.stringify(second));
    await overwrite(id, { username: 'by hand' });
    const before = await labels();
    expect(before.current).not.toBe(current);
    await expect(store.promote(id, { to: next, from: current })).rejects.toThrow(CredentialChangedError);
    expect((await labels()).current).toBe(before.current);
    expect(await value(before.current)).toEqual({ username: 'by hand' });
  });

  test('two promotions at once have one effect', async () => {
    const { store, id, current, labels, value } = await begin('both');
    await store.stage(id, next, JSON.stringify(second));
    const both = [1, 2, 3].map(() => store.promote(id, { to: next, from: current }));
    expect((await Promise.allSettled(both)).some(({ status }) => status === 'fulfilled')).toBe(true);
    await store.promote(id, { to: next, from: current });
    expect(await labels()).toEqual({ current: next, previous: current });
    expect(await value(next)).toEqual(second);
  });

  test('a pending value that is dropped makes room, and only it is dropped', async () => {
    const { store, id, current, labels, value } = await begin('dropped');
    await store.stage(id, next, JSON.stringify(second));
    await store.dropPending(id, other);
    expect(await labels()).toEqual({ current, pending: next });
    await store.dropPending(id, next);
    await store.dropPending(id, next);
    expect(await labels()).toEqual({ current });
    await store.stage(id, other, JSON.stringify(second));
    expect(await labels()).toEqual({ current, pending: other });
    expect(await value(other)).toEqual(second);
  });

  test('a previous label that is dropped is gone, and only it', async () => {
    const { store, id, current, labels, value } = await begin('retired');
    await store.stage(id, next, JSON.stringify(second));
    await store.promote(id, { to: next, from: current });
    await store.dropPrevious(id, other);
    expect(await labels()).toEqual({ current: next, previous: current });
    await store.dropPrevious(id, current);
    await store.dropPrevious(id, current);
    expect(await labels()).toEqual({ current: next });
    expect(await value(next)).toEqual(second);
  });

  test('rotations follow each other', async () => {
    const { store, id, current, labels, value } = await begin('often');
    let from = current;
    for (const n of [3, 4, 5]) {
      const to = version(n);
      await store.stage(id, to, JSON.stringify({ n }));
      await store.promote(id, { to, from });
      await store.dropPrevious(id, from);
      expect(await labels()).toEqual({ current: to });
      expect(await value(to)).toEqual({ n });
      from = to;
    }
  });
};
