import { TransientError } from '../shared/errors';
import type { Engine } from './engine';
import { type Because, becauseOf, type Progress, type Rotating } from './in-flight';
import { beforePromotion } from './steps';

export interface Rotated extends Progress {
  /** Why it was abandoned, rolled back or left. */
  readonly because?: Because;
}

interface Persistence {
  /** How often a step that met a passing error is done in all. */
  readonly tries: number;
  /** Waits before another try. */
  readonly pause: (tried: number) => Promise<void>;
}

/** More steps than any rotation has, one that it finds half-finished included. */
const mostSteps = 30;

/**
 * Drives one rotation as far as it goes without waiting: to its end, to the drain of what others still use, or to where
 * another run is at work. It is what the workflow `rotate-secret` does where there are no workflows.
 *
 * @throws what ends a rotation that can be neither abandoned nor rolled back now; the next call goes on with it.
 */
export const makeRotate = (engine: Engine, { tries, pause }: Persistence) => {
  const persist = async (work: () => Promise<Progress>): Promise<Progress> => {
    for (let tried = 1; ; tried++)
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof TransientError) || tried === tries) throw error;
        await pause(tried);
      }
  };
  return async (of: Rotating & { readonly force?: boolean }): Promise<Rotated> => {
    const { credential, runId } = of;
    let because: Because | undefined;
    let progress = await persist(() => engine.begin(of));
    for (let done = 0; done < mostSteps; done++) {
      const { next, until } = progress;
      if (next === 'done' || next === 'busy' || until !== undefined)
        return { ...progress, ...(because && { because }) };
      if (next === 'begin') {
        progress = await persist(() => engine.begin(of));
        continue;
      }
      try {
        progress = await persist(() => engine.step({ credential, runId, step: next }));
      } catch (error) {
        const turn = beforePromotion.has(next) ? 'abandon' : next === 'confirm' ? 'roll-back' : undefined;
        if (!turn) throw error;
        const why = becauseOf(error);
        because = why;
        progress = await persist(() => engine.step({ credential, runId, step: turn, because: why }));
      }
    }
    throw new TransientError(
      `The rotation of ${credential} came to no end in ${mostSteps} steps. Start again.`,
    );
  };
};
