import type { Engine } from '../rotation/engine';
import type { Progress } from '../rotation/in-flight';
import { InvalidInputError } from '../shared/errors';
import type { RotateSecretInput, RotateSecretOutput } from './contract';

interface Deps {
  readonly engine: Engine;
  readonly prefix: string;
}

const outputOf = ({ next, until, outcome, version }: Progress): RotateSecretOutput => ({
  next,
  until: until ?? null,
  outcome: outcome ?? null,
  version: version ?? null,
});

/** @throws InvalidInputError where the credential is not one of this environment's. */
export const makeRotateSecret =
  ({ engine, prefix }: Deps) =>
  async ({ step, credential, runId, force, because }: RotateSecretInput): Promise<RotateSecretOutput> => {
    if (!credential.startsWith(prefix))
      throw new InvalidInputError(
        `The secret ${credential} is none of this environment's: their names begin with ${prefix}.`,
      );
    return outputOf(
      step === 'begin'
        ? await engine.begin({ credential, runId, force })
        : await engine.step({ credential, runId, step, ...(because && { because }) }),
    );
  };
