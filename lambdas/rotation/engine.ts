import { createHash } from 'node:crypto';
import { TransientError } from '../shared/errors';
import { type Credential, credentialOf } from './credential';
import type { Described } from './credential-store';
import { dueAt } from './due';
import { CredentialNotFoundError, CredentialTagsError, JournalConflictError } from './errors';
import { guardStrategy } from './guard-strategy';
import { type Because, becauseOf, type EngineDeps, eventOf, type Progress, type Rotating } from './in-flight';
import type { CredentialRecord, Rotation, Step } from './journal';
import { busyUntil, holdLease, leaseOf } from './lease';
import { beforePromotion, steps } from './steps';
import type { Strategy } from './strategy';

export interface Engine {
  /**
   * Writes down what is intended, or finds what is half-finished.
   * @throws CredentialNotFoundError, CredentialTagsError, TransientError
   */
  begin(of: Rotating & { readonly force?: boolean; readonly version?: string }): Promise<Progress>;
  /**
   * Does this step, where it is the one to do; says in any case which is next. `abandon` and `roll-back` turn a
   * rotation round: after promotion nothing is abandoned.
   * @throws what the strategy and the store throw
   */
  step(of: Rotating & { readonly step: Step; readonly because?: Because }): Promise<Progress>;
}

/** Steps whose failure turns a rotation round. */
const canBeTurned: ReadonlySet<Step> = new Set([...beforePromotion, 'confirm']);
/** A read and decided again loses a race no more than this many times. */
const mostRaces = 5;

const again = async (work: () => Promise<Progress>): Promise<Progress> => {
  for (let race = 1; ; race++)
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof JournalConflictError) || race === mostRaces) throw error;
    }
};

/** Its length fits Secrets Manager's token; another try has another id, as a version's value never changes. */
const versionOf = (runId: string, credential: string, attempt: number): string =>
  createHash('sha256').update(`${runId}\n${credential}\n${attempt}`).digest('hex');

/**
 * Rotates credentials. Each step is decided from the journal and the labels, so that it may be started twice, killed
 * anywhere and done again; one run at a time works on a credential.
 */
export const makeEngine = (deps: EngineDeps): Engine => {
  const { store, journal, now } = deps;

  const strategyOf = ({ id, strategy }: Credential): Strategy => {
    const found = deps.strategies.find(({ name }) => name === strategy);
    if (found) return guardStrategy(found);
    throw new CredentialTagsError(
      `The secret ${id} names the strategy ${strategy}, which there is not. Known: ${deps.strategies.map(({ name }) => name).join(', ')}. Correct its tag rotation-strategy; nothing was changed.`,
    );
  };

  const nothingOf = (id: string): CredentialRecord => ({ id, consumers: [], attempts: 0, revision: 0 });

  /** What is known of the credential, its tags as they stand now. */
  const known = async (id: string) => ({
    described: await store.describe(id),
    stored: (await journal.read(id)) ?? nothingOf(id),
  });

  /** The same, or that a secret of which something was known is gone: then nothing of it is in flight or due any more. */
  const knownOrGone = async ({ credential: id, runId }: Rotating) => {
    try {
      return await known(id);
    } catch (error) {
      const stored = error instanceof CredentialNotFoundError ? await journal.read(id) : undefined;
      if (!stored) throw error;
      const lastResult = { outcome: 'gone' as const, at: now().toISOString(), runId };
      await journal.write({ ...nothingOf(id), revision: stored.revision, lastResult });
      return undefined;
    }
  };

  /** Writes down an error that does not pass, so that people and reports know of it. */
  const telling = async ({ credential: id, runId }: Rotating, work: () => Promise<Progress>) => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof TransientError || error instanceof JournalConflictError) throw error;
      const stored = await journal.read(id);
      const seemsBroken = stored?.rotation?.step === 'confirm';
      if (!seemsBroken && (stored || !(error instanceof CredentialNotFoundError))) {
        const lastResult = {
          outcome: 'failed' as const,
          at: now().toISOString(),
          runId,
          ...becauseOf(error),
        };
        await journal.write({ ...(stored ?? nothingOf(id)), lastResult });
      }
      throw error;
    }
  };

  const begin: Engine['begin'] = async ({ credential: id, runId, force = false, version }) => {
    const found = await knownOrGone({ credential: id, runId });
    if (!found) return { next: 'done', outcome: 'gone' };
    const { described, stored } = found;
    const at = now();
    const until = busyUntil(stored, runId, at);
    if (until !== undefined) return { next: 'busy', until };
    const lease = leaseOf(runId, at);
    const inFlight = stored.rotation;
    if (inFlight) {
      const rotation = beforePromotion.has(inFlight.step) ? { ...inFlight, runId } : inFlight;
      await journal.write({ ...stored, rotation, lease });
      return { next: rotation.step, version: rotation.version };
    }
    const credential = credentialOf(id, described.tags);
    strategyOf(credential);
    const { current, previous } = described.labels;
    const isFound = previous !== undefined;
    const said = (isFound ? undefined : stored.lastRotatedAt) ?? (await store.currentSince(id));
    // What is later than now was written by a clock that jumped: it shall not be due in years.
    const since = new Date(Math.min(Date.parse(said), at.getTime())).toISOString();
    const nextDueAt = dueAt(credential, since);
    const { lastResult, lastRotatedAt, ...before } = stored;
    const isOver = lastResult?.error === 'CredentialTagsError' || lastResult?.outcome === 'gone';
    const record: CredentialRecord = {
      ...before,
      ...(lastResult && !isOver && { lastResult }),
      ...((isFound || lastRotatedAt !== undefined) && { lastRotatedAt: since }),
      strategy: credential.strategy,
      owner: credential.owner,
      consumers: [...credential.consumers],
      days: credential.days,
      overlapSeconds: credential.overlapSeconds,
      nextDueAt,
    };
    if (isFound) {
      // Rotated by somebody else, or before anything was recorded: that is finished first, and is no run's own.
      const rotation: Rotation = {
        version: current,
        from: previous,
        runId: 'found',
        attempt: 1,
        step: 'drain',
        begunAt: since,
        promotedAt: since,
      };
      await journal.write({ ...record, rotation, lease });
      return { next: 'drain', version: current };
    }
    const attempt = record.attempts + 1;
    const next = version ?? versionOf(runId, id, attempt);
    if (current === next) return { next: 'done', outcome: 'completed', version: next };
    if (!force && version === undefined && at.getTime() < Date.parse(nextDueAt)) {
      const { lease: _, ...free } = record;
      await journal.write(free);
      return { next: 'done', outcome: 'not-due' };
    }
    const rotation: Rotation = {
      version: next,
      from: current,
      runId,
      attempt,
      step: 'create',
      begunAt: at.toISOString(),
    };
    await deps.tell(eventOf('credential.rotation-begun', { credential, rotation, now: at }));
    await journal.write({ ...record, attempts: attempt, rotation, lease });
    return { next: 'create', version: rotation.version };
  };

  const step: Engine['step'] = async ({ credential: id, runId, step: wanted, because }) => {
    const { described, stored } = await known(id);
    const at = now();
    const until = busyUntil(stored, runId, at);
    if (until !== undefined) return { next: 'busy', until };
    if (!stored.rotation) return ended(stored, described);
    const credential = recorded(stored);
    const strategy = strategyOf(credential);
    const record = await holdLease(journal, stored, runId, at);
    const rotation = stored.rotation;
    return steps(wanted, {
      deps,
      credential,
      strategy,
      described,
      record,
      rotation,
      runId,
      because,
      now: at,
    });
  };

  return {
    begin: (of) => again(() => telling(of, () => begin(of))),
    // What fails before is turned round, and told then.
    step: (of) => again(() => (canBeTurned.has(of.step) ? step(of) : telling(of, () => step(of)))),
  };
};

/** As its rotation began: tags that were changed since are for the next one. */
const recorded = (record: CredentialRecord): Credential => ({
  id: record.id,
  strategy: record.strategy ?? '',
  days: record.days ?? 1,
  owner: record.owner ?? '',
  consumers: record.consumers,
  overlapSeconds: record.overlapSeconds ?? 0,
});

/** Nothing is in flight: another run has brought it to its end. */
const ended = ({ lastResult }: CredentialRecord, { labels }: Described): Progress => ({
  next: 'done',
  outcome: lastResult?.outcome ?? 'completed',
  version: labels.current,
});
