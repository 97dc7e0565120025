import type { Credential } from './credential';
import { dueAt } from './due';
import { withFormer } from './former-value';
import { finish, goOn, leave } from './go-on';
import { eventOf, type InFlight, type Progress } from './in-flight';
import type { CredentialRecord, Rotation } from './journal';

/** Consumers that still use the previous one are looked for again after this part of the overlap, within these bounds. */
const look = { part: 0.1, leastSeconds: 5, mostSeconds: 600 };
/** So long after the overlap a run no longer waits for them. */
const patienceSeconds = 900;

const later = (moment: string | Date, seconds: number): string =>
  new Date(new Date(moment).getTime() + seconds * 1000).toISOString();

/** A whole overlap begins. */
export const overlapFrom = (
  now: Date,
  { overlapSeconds }: Pick<Credential, 'overlapSeconds'>,
): { readonly promotedAt: string; readonly drainUntil: string } => ({
  promotedAt: now.toISOString(),
  drainUntil: later(now, overlapSeconds),
});

const previousOf = ({ described }: InFlight): string | undefined => described.labels.previous;

/** Tested once more, as the current one; from now on the overlap counts. */
export const confirm = async (of: InFlight): Promise<Progress> => {
  const { deps, credential, rotation, now } = of;
  const { store } = deps;
  await store.promote(credential.id, { to: rotation.version, from: rotation.from });
  await of.strategy.test({
    current: await store.read(credential.id, rotation.from),
    pending: await store.read(credential.id, rotation.version),
  });
  const overlap = overlapFrom(now, credential);
  const at = overlap.promotedAt;
  await deps.tell(eventOf('credential.rotation-promoted', of));
  const record: CredentialRecord = {
    ...of.record,
    lastRotatedAt: at,
    nextDueAt: dueAt(credential, at),
    // What went wrong before it is over.
    lastResult: { outcome: 'draining', at, runId: of.runId, version: rotation.version },
  };
  return goOn({ ...of, record }, { ...rotation, step: 'drain', ...overlap });
};

/**
 * The promoted one failed: the previous one is current again, where a sign-in with it succeeds now. The failed one is
 * previous then, and is drained and retired like any other.
 */
export const rollBack = async (of: InFlight): Promise<Progress> => {
  const { deps, credential, rotation, strategy, now } = of;
  const { store } = deps;
  const because = of.because ?? rotation.because;
  if (!(await strategy.works(await store.read(credential.id, rotation.from)))) {
    const { because: _, ...forward } = rotation;
    await leave(of, { ...forward, step: 'confirm' }, { outcome: 'failed', because });
    return { next: 'done', outcome: 'failed', version: rotation.version };
  }
  const turned: InFlight = {
    ...of,
    record: await deps.journal.write({ ...of.record, rotation: { ...rotation, step: 'roll-back', because } }),
  };
  await store.promote(credential.id, { to: rotation.from, from: rotation.version });
  await deps.tell(eventOf('credential.rotation-rolled-back', of, because?.error ?? null));
  // The two have changed places.
  const { version, from } = rotation;
  const drained: Rotation = {
    ...rotation,
    because,
    version: from,
    from: version,
    step: 'drain',
    ...overlapFrom(now, credential),
  };
  await leave(turned, drained, { outcome: 'rolled-back', because });
  return { next: 'done', outcome: 'rolled-back', version: from };
};

/** Until when nobody looks. A clock that jumped back, or an overlap that was shortened, makes nobody wait longer. */
const waitUntil = ({ rotation, credential, now }: InFlight): string => {
  const most = later(now, credential.overlapSeconds);
  const wanted = rotation.drainUntil ?? later(rotation.promotedAt ?? now, credential.overlapSeconds);
  return new Date(Math.min(Date.parse(wanted), Date.parse(most))).toISOString();
};

/** Whether the overlap has passed and nobody uses the previous one any more. */
export const drain = async (of: InFlight): Promise<Progress> => {
  const { deps, credential, rotation, strategy, now } = of;
  const previous = previousOf(of);
  if (previous === undefined) return goOn(of, { ...rotation, step: 'retire' });
  const until = waitUntil(of);
  if (now.toISOString() < until) {
    await leave(of, { ...rotation, drainUntil: until });
    return { next: 'drain', until, version: rotation.version };
  }
  const users = (await withFormer(of, previous, (value) => strategy.users(value))) ?? [];
  if (users.length === 0) return goOn(of, { ...rotation, step: 'retire' });

  const patience = later(rotation.promotedAt ?? now, 2 * credential.overlapSeconds + patienceSeconds);
  if (now.toISOString() < patience) {
    const seconds = Math.max(look.leastSeconds, credential.overlapSeconds * look.part);
    const next = later(now, Math.min(seconds, look.mostSeconds));
    await leave(of, { ...rotation, drainUntil: next });
    return { next: 'drain', until: next, version: rotation.version };
  }
  await deps.tell(eventOf('credential.rotation-draining', of));
  await leave(of, rotation, {
    outcome: 'draining',
    because: {
      error: 'StillUsed',
      message: `The previous version is still used by ${users.slice(0, 5).join(', ')}. It stays valid; the next run looks again.`,
    },
  });
  return { next: 'done', outcome: 'draining', version: rotation.version };
};

/** The previous one is accepted no longer and bears no label. */
export const retire = async (of: InFlight): Promise<Progress> => {
  const { deps, credential, rotation, strategy, described } = of;
  const previous = previousOf(of);
  if (previous !== undefined) {
    await withFormer(of, previous, async (retired) =>
      strategy.retire({
        retired,
        current: await deps.store.read(credential.id, described.labels.current),
      }),
    );
    await deps.store.dropPrevious(credential.id, previous);
  }
  if (rotation.because) return finish(of, 'rolled-back', rotation.because);
  await deps.tell(eventOf('credential.rotation-completed', of));
  return finish(of, 'completed');
};
