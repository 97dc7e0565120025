import { createHash } from 'node:crypto';
import { type Credential, credentialOf } from './credential';
import type { Described } from './credential-store';
import { dueAt } from './due';
import { type EngineDeps, eventOf, type Progress, type Rotating } from './in-flight';
import type { CredentialRecord, Rotation } from './journal';
import { busyUntil, leaseOf } from './lease';
import { beforePromotion } from './steps';
import { strategyOf } from './strategy-of';

/** Who begins what, and what is known of it. */
export interface Beginning extends Rotating {
  readonly deps: EngineDeps;
  readonly force: boolean;
  /** The id of the next version, where it is given. */
  readonly version: string | undefined;
  readonly described: Described;
  readonly stored: CredentialRecord;
  readonly now: Date;
}

/** Its length fits Secrets Manager's token; another try has another id, as a version's value never changes. */
const versionOf = (runId: string, credential: string, attempt: number): string =>
  createHash('sha256').update(`${runId}\n${credential}\n${attempt}`).digest('hex');

/** Before promotion it is this run's own from now on. */
const adopt = async (of: Beginning, inFlight: Rotation): Promise<Progress> => {
  const { deps, runId, stored, now } = of;
  const rotation = beforePromotion.has(inFlight.step) ? { ...inFlight, runId } : inFlight;
  await deps.journal.write({ ...stored, rotation, lease: leaseOf(runId, now) });
  return { next: rotation.step, version: rotation.version };
};

/** What is known of it by its tags as they stand now, and when it is due by them. */
const renewed = async (of: Beginning, credential: Credential): Promise<CredentialRecord> => {
  const { deps, described, stored, now } = of;
  const { lastResult, lastRotatedAt, ...before } = stored;
  const isFound = described.labels.previous !== undefined;
  const said = (isFound ? undefined : lastRotatedAt) ?? (await deps.store.currentSince(credential.id));
  // What is later than now was written by a clock that jumped: it shall not be due in years.
  const since = new Date(Math.min(Date.parse(said), now.getTime())).toISOString();
  const isOver = lastResult?.error === 'CredentialTagsError' || lastResult?.outcome === 'gone';
  return {
    ...before,
    ...(lastResult && !isOver && { lastResult }),
    ...((isFound || lastRotatedAt !== undefined) && { lastRotatedAt: since }),
    strategy: credential.strategy,
    owner: credential.owner,
    consumers: [...credential.consumers],
    days: credential.days,
    overlapSeconds: credential.overlapSeconds,
    nextDueAt: dueAt(credential, since),
  };
};

/** Rotated by somebody else, or before anything was recorded: that is finished first, and is no run's own. */
const finishFound = async (
  { deps, runId, described: { labels }, now }: Beginning,
  record: CredentialRecord,
  previous: string,
): Promise<Progress> => {
  const since = record.lastRotatedAt ?? now.toISOString();
  const rotation: Rotation = {
    version: labels.current,
    from: previous,
    runId: 'found',
    attempt: 1,
    step: 'drain',
    begunAt: since,
    promotedAt: since,
  };
  await deps.journal.write({ ...record, rotation, lease: leaseOf(runId, now) });
  return { next: 'drain', version: labels.current };
};

const isDue = ({ force, version, now }: Beginning, { nextDueAt = '' }: CredentialRecord): boolean =>
  force || version !== undefined || now.getTime() >= Date.parse(nextDueAt);

/** Writes down what is intended, before anything is done. */
const intend = async (of: Beginning, credential: Credential, record: CredentialRecord): Promise<Progress> => {
  const { deps, runId, described, now } = of;
  const { id } = credential;
  const { current } = described.labels;
  const attempt = record.attempts + 1;
  const version = of.version ?? versionOf(runId, id, attempt);
  if (current === version) return { next: 'done', outcome: 'completed', version };
  if (!isDue(of, record)) {
    const { lease: _, ...free } = record;
    await deps.journal.write(free);
    return { next: 'done', outcome: 'not-due' };
  }
  const rotation: Rotation = {
    version,
    from: current,
    runId,
    attempt,
    step: 'create',
    begunAt: now.toISOString(),
  };
  await deps.tell(eventOf('credential.rotation-begun', { credential, rotation, now }));
  await deps.journal.write({ ...record, attempts: attempt, rotation, lease: leaseOf(runId, now) });
  return { next: 'create', version };
};

/**
 * Begins a rotation, or finds the one that is in flight, or the one that was before and is to be finished first.
 *
 * @throws CredentialTagsError
 */
export const begin = async (of: Beginning): Promise<Progress> => {
  const { deps, runId, described, stored, now } = of;
  const until = busyUntil(stored, runId, now);
  if (until !== undefined) return { next: 'busy', until };
  if (stored.rotation) return adopt(of, stored.rotation);
  const credential = credentialOf(of.credential, described.tags);
  strategyOf(deps.strategies, credential);
  const record = await renewed(of, credential);
  const { previous } = described.labels;
  return previous === undefined ? intend(of, credential, record) : finishFound(of, record, previous);
};
