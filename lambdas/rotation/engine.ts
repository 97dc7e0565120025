import { TransientError } from '../shared/errors';
import { begin } from './begin';
import type { Credential } from './credential';
import type { Described } from './credential-store';
import { CredentialNotFoundError, JournalConflictError } from './errors';
import { type Because, becauseOf, type EngineDeps, type Progress, type Rotating } from './in-flight';
import type { CredentialRecord, Step } from './journal';
import { busyUntil, holdLease } from './lease';
import { beforePromotion, steps } from './steps';
import { strategyOf } from './strategy-of';

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

/**
 * Rotates credentials. Each step is decided from the journal and the labels, so that it may be started twice, killed
 * anywhere and done again; one run at a time works on a credential.
 */
export const makeEngine = (deps: EngineDeps): Engine => {
  const { store, journal, now } = deps;

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
      const stored =
        (await journal.read(id)) ?? (error instanceof CredentialNotFoundError ? undefined : nothingOf(id));
      if (stored && stored.rotation?.step !== 'confirm') {
        const { lease, ...free } = stored;
        const lastResult = {
          outcome: 'failed' as const,
          at: now().toISOString(),
          runId,
          ...becauseOf(error),
        };
        // This run goes no further, so it keeps nobody away.
        await journal.write({ ...free, ...(lease && lease.runId !== runId && { lease }), lastResult });
      }
      throw error;
    }
  };

  const beginning: Engine['begin'] = async ({ credential, runId, force = false, version }) => {
    const found = await knownOrGone({ credential, runId });
    if (!found) return { next: 'done', outcome: 'gone' };
    return begin({ ...found, deps, credential, runId, force, version, now: now() });
  };

  const step: Engine['step'] = async ({ credential: id, runId, step: wanted, because }) => {
    const { described, stored } = await known(id);
    const at = now();
    const until = busyUntil(stored, runId, at);
    if (until !== undefined) return { next: 'busy', until };
    if (!stored.rotation) return ended(stored, described);
    const credential = recorded(stored);
    const strategy = strategyOf(deps.strategies, credential);
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
    begin: (of) => again(() => telling(of, () => beginning(of))),
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
