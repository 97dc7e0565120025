import { hasValue, withFormer } from './former-value';
import { finish, goOn } from './go-on';
import { eventOf, type InFlight, type Progress } from './in-flight';

/** What is pending is accepted no longer and bears no label. */
const clearPending = async (of: InFlight, version: string): Promise<void> => {
  const { store } = of.deps;
  const { id } = of.credential;
  await withFormer(of, version, async (retired) =>
    of.strategy.retire({ retired, current: await store.read(id, of.described.labels.current) }),
  );
  await store.dropPending(id, version);
};

const values = async ({ deps: { store }, credential: { id }, rotation }: InFlight) => ({
  current: await store.read(id, rotation.from),
  pending: await store.read(id, rotation.version),
});

/** A left-over of somebody else's rotation is cleared away; the next value is made, and kept before anything knows it. */
export const create = async (of: InFlight): Promise<Progress> => {
  const { deps, credential, strategy, described, rotation } = of;
  const { pending, current } = described.labels;
  if (pending !== undefined && pending !== rotation.version) await clearPending(of, pending);
  const isThere = pending === rotation.version && (await hasValue(of, pending));
  if (!isThere) {
    const value = await strategy.make(await deps.store.read(credential.id, current));
    await deps.store.stage(credential.id, rotation.version, value);
  }
  return goOn(of, { ...rotation, step: 'set' });
};

/** The target accepts both. */
export const set = async (of: InFlight): Promise<Progress> => {
  await of.strategy.set(await values(of));
  return goOn(of, { ...of.rotation, step: 'test' });
};

/** The next one does what consumers do. */
export const test = async (of: InFlight): Promise<Progress> => {
  await of.strategy.test(await values(of));
  return goOn(of, { ...of.rotation, step: 'promote' });
};

/** From here on consumers that ask get the next one. */
export const promote = async (of: InFlight): Promise<Progress> => {
  const { version, from } = of.rotation;
  await of.deps.store.promote(of.credential.id, { to: version, from });
  return goOn(of, { ...of.rotation, step: 'confirm' });
};

/** What was current still is; the next one is cleared away. */
export const abandon = async (of: InFlight): Promise<Progress> => {
  const { rotation, described } = of;
  const { pending } = described.labels;
  // Without its label it may still have been set. What somebody else has pending is not ours to retire.
  if (pending === undefined || pending === rotation.version) await clearPending(of, rotation.version);
  const { because } = rotation;
  await of.deps.tell(eventOf('credential.rotation-abandoned', of, because?.error ?? null));
  return finish(of, 'abandoned', because);
};
