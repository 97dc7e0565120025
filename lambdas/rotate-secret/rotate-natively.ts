import type { Engine } from '../rotation/engine';
import {
  CredentialBusyError,
  RotationAbandonedError,
  RotationInFlightError,
  RotationRolledBackError,
} from '../rotation/errors';
import { becauseOf, type Progress } from '../rotation/in-flight';
import type { Step } from '../rotation/journal';
import { nameOf } from '../rotation/scope';
import { TransientError } from '../shared/errors';
import type { NativeRotation } from './contract';

/** More than finishing a half-finished rotation takes. */
const mostSteps = 12;

/**
 * The four steps of Secrets Manager's own rotation, by the same engine: the version is the service's token. What is left
 * after its last step, the drain and the retirement, the next run of the workflow does. A step says that all is well only
 * of the service's own version.
 *
 * @throws CredentialBusyError, RotationInFlightError, TransientError: the service tries again, from the first step on, and
 * goes on where this one stood. RotationAbandonedError, RotationRolledBackError
 */
export const makeRotateNatively =
  (engine: Engine) =>
  async ({ Step: native, SecretId, ClientRequestToken: version }: NativeRotation): Promise<void> => {
    const of = { credential: nameOf(SecretId), runId: `native-${version}`.slice(0, 64) };
    const busy = (until: string | undefined) =>
      new CredentialBusyError(`Another run works on ${of.credential} until ${until}. Nothing was changed.`);

    const stillUsed = (until?: string) =>
      new RotationInFlightError(
        `The version before of ${of.credential} is still in its overlap${until === undefined ? ', or used' : `, until ${until}`}. Nothing was changed.`,
      );

    /** Begins it; what is half-finished is finished first, or cleared away. */
    const begin = async (): Promise<void> => {
      let progress: Progress = await engine.begin({ ...of, version });
      for (let done = 0; done < mostSteps; done++) {
        const { next, until } = progress;
        if (next === 'busy') throw busy(until);
        if (progress.version === version && next !== 'abandon' && next !== 'roll-back') return;
        if (next === 'done') throw stillUsed();
        if (next === 'begin') progress = await engine.begin({ ...of, version });
        else if (next === 'drain' && until !== undefined) throw stillUsed(until);
        else if (['create', 'set', 'test', 'promote'].includes(next))
          progress = await engine.step({
            ...of,
            step: 'abandon',
            because: { error: 'RotationInFlightError', message: 'Secrets Manager began another rotation.' },
          });
        else progress = await engine.step({ ...of, step: next });
        // What was cleared away was this run's own: now the service's version has its turn.
        if (progress.next === 'done' && progress.outcome === 'abandoned')
          progress = await engine.begin({ ...of, version });
      }
      throw stillUsed();
    };

    const through = async (steps: readonly Step[], turn: 'abandon' | 'roll-back'): Promise<void> => {
      try {
        for (const step of steps) {
          const { next, until, version: inFlight } = await engine.step({ ...of, step });
          if (next === 'busy') throw busy(until);
          if (next === 'abandon' || next === 'roll-back')
            throw new RotationInFlightError('Its labels were moved.');
          if (inFlight !== version)
            throw new CredentialBusyError(
              `The version ${version} of ${of.credential} is not in flight any more: another run has ended its rotation, or is at another version. What is current works. Rotate again.`,
            );
        }
      } catch (error) {
        if (error instanceof CredentialBusyError || error instanceof TransientError) throw error;
        const because = becauseOf(error);
        const { outcome } = await engine.step({ ...of, step: turn, because });
        const why = `${because.error}: ${because.message}`;
        if (outcome === 'abandoned')
          throw new RotationAbandonedError(`The rotation of ${of.credential} was abandoned. ${why}`);
        if (outcome === 'rolled-back')
          throw new RotationRolledBackError(`The rotation of ${of.credential} was rolled back. ${why}`);
        throw error;
      }
    };

    switch (native) {
      case 'createSecret':
        await begin();
        return through(['create'], 'abandon');
      case 'setSecret':
        return through(['set'], 'abandon');
      case 'testSecret':
        return through(['test'], 'abandon');
      case 'finishSecret':
        await through(['promote'], 'abandon');
        await through(['confirm'], 'roll-back');
        // Lets go of the credential: the overlap begins.
        await engine.step({ ...of, step: 'drain' });
    }
  };
