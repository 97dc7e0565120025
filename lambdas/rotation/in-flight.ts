import { StepError } from '../shared/errors';
import type { Credential } from './credential';
import type { CredentialStore, Described } from './credential-store';
import type { CredentialRecord, Journal, Outcome, Rotation, Step } from './journal';
import type { RotationEvent } from './rotation-event';
import type { Strategy } from './strategy';

export interface EngineDeps {
  readonly store: CredentialStore;
  readonly journal: Journal;
  readonly strategies: readonly Strategy[];
  readonly now: () => Date;
  /** Told before the journal says that it is done: the same event may be told again. */
  readonly tell: (event: RotationEvent) => Promise<void>;
}

/** Who rotates what. */
export interface Rotating {
  readonly credential: string;
  /** Names whoever drives the rotation: the same run may call again at once, another one waits. */
  readonly runId: string;
}

/** How far a rotation has come. */
export interface Progress {
  /**
   * A step to do next. `begin`: what was half-finished is finished, the credential's own turn comes now. `busy`: another
   * run has it until `until`. `done`: nothing more in this run.
   */
  readonly next: Step | 'begin' | 'busy' | 'done';
  /** Do the next step not before that moment (ISO 8601). */
  readonly until?: string;
  /** With `done`. `not-due`: nothing was to do. */
  readonly outcome?: Outcome | 'not-due';
  readonly version?: string;
}

/** Everything that a step of a rotation knows and may do. */
export interface InFlight {
  readonly deps: EngineDeps;
  readonly credential: Credential;
  readonly strategy: Strategy;
  readonly described: Described;
  readonly record: CredentialRecord;
  readonly rotation: Rotation;
  readonly runId: string;
  readonly because?: Because | undefined;
  readonly now: Date;
}

/** The error that a rotation is turned round for; its message holds no secret. */
export type Because = NonNullable<Rotation['because']>;

/** Other errors than our own may quote what they were given: of those only the name goes on. */
export const becauseOf = (error: unknown): Because =>
  error instanceof StepError
    ? { error: error.name, message: error.message }
    : { error: error instanceof Error ? error.name : 'Error', message: 'The step broke.' };

export const eventOf = (
  type: RotationEvent['type'],
  { credential, rotation, now }: Pick<InFlight, 'credential' | 'rotation' | 'now'>,
  error: string | null = null,
): RotationEvent => ({
  type,
  credential: credential.id,
  strategy: credential.strategy,
  owner: credential.owner,
  version: rotation.version,
  runId: rotation.runId,
  at: now.toISOString(),
  begunAt: rotation.begunAt,
  attempt: rotation.attempt,
  error,
});
