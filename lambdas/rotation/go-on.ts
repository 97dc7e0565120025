import type { InFlight, Progress } from './in-flight';
import type { Outcome, Rotation } from './journal';
import { leaseOf } from './lease';

/** Writes down what is to be done next. */
export const goOn = async (of: InFlight, rotation: Rotation): Promise<Progress> => {
  if (rotation !== of.record.rotation)
    await of.deps.journal.write({ ...of.record, rotation, lease: leaseOf(of.runId, of.now) });
  return { next: rotation.step, version: rotation.version };
};

/** Writes down that nothing more is in flight. */
export const finish = async (
  of: InFlight,
  outcome: Outcome,
  because?: Rotation['because'],
): Promise<Progress> => {
  const { rotation, lease: _, ...record } = of.record;
  const { version, runId } = of.rotation;
  await of.deps.journal.write({
    ...record,
    attempts: outcome === 'completed' ? 0 : record.attempts,
    // What came to nothing is told of the run that it happened to.
    lastResult: {
      outcome,
      at: of.now.toISOString(),
      runId: outcome === 'completed' ? of.runId : runId,
      version,
      ...because,
    },
  });
  // What another run had left is out of the way; now it is this run's turn.
  return runId === of.runId ? { next: 'done', outcome, version } : { next: 'begin', outcome, version };
};

/** Leaves the rotation where it stands for whoever comes next, and lets go of the credential. */
export const leave = async (
  of: InFlight,
  rotation: Rotation,
  result?: { readonly outcome: Outcome; readonly because?: Rotation['because'] },
): Promise<void> => {
  const { lease: _, ...record } = of.record;
  await of.deps.journal.write({
    ...record,
    rotation,
    ...(result && {
      lastResult: {
        outcome: result.outcome,
        at: of.now.toISOString(),
        runId: of.runId,
        version: rotation.version,
        ...result.because,
      },
    }),
  });
};
