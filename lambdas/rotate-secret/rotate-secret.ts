import type { Engine } from '../rotation/engine';
import type { Progress } from '../rotation/in-flight';
import { requireWithin, type Scope } from '../rotation/scope';
import type { RotateSecretInput, RotateSecretOutput } from './contract';

interface Deps {
  readonly engine: Engine;
  readonly scope: Scope;
}

const outputOf = ({ next, until, outcome, version }: Progress): RotateSecretOutput => ({
  next,
  until: until ?? null,
  outcome: outcome ?? null,
  version: version ?? null,
});

/** @throws InvalidInputError where the credential is not one of this environment's. */
export const makeRotateSecret =
  ({ engine, scope }: Deps) =>
  async ({ step, credential, runId, force, because }: RotateSecretInput): Promise<RotateSecretOutput> => {
    requireWithin(scope, [credential]);
    return outputOf(
      step === 'begin'
        ? await engine.begin({ credential, runId, force })
        : await engine.step({ credential, runId, step, ...(because && { because }) }),
    );
  };
