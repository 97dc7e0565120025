import { exitCode } from '../cli/exit-code';

/** Somebody ended the command while it was under way. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

export interface Interruption {
  /** Aborted once: by Ctrl-C, by a signal, or by an error that nothing caught. */
  readonly signal: AbortSignal;
  /** Resolves when it is aborted. */
  readonly happened: Promise<void>;
  dispose(): void;
}

/** One Ctrl-C reaches us from the terminal and again from npm. */
const echoMs = 500;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Turns what ends a process into an orderly end: the first signal aborts, the second one ends at once (what the
 * supervisor of the platform owns goes with us).
 */
export const watchInterruption = (): Interruption => {
  const controller = new AbortController();
  let interruptedAt: number | undefined;
  const interrupt = () => {
    if (interruptedAt !== undefined && performance.now() - interruptedAt > echoMs)
      process.exit(exitCode.interrupted);
    interruptedAt ??= performance.now();
    controller.abort(new InterruptedError('Interrupted.'));
  };
  const broke = (error: unknown) => controller.abort(error);
  for (const signal of signals) process.on(signal, interrupt);
  process.on('uncaughtException', broke);
  process.on('unhandledRejection', broke);
  // What the program waits for (a person, a supervisor that is on its own) does not keep a process alive.
  const alive = setInterval(() => undefined, 60_000);
  const happened = new Promise<void>((resolve) =>
    controller.signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  return {
    signal: controller.signal,
    happened,
    dispose: () => {
      clearInterval(alive);
      for (const signal of signals) process.off(signal, interrupt);
      process.off('uncaughtException', broke);
      process.off('unhandledRejection', broke);
    },
  };
};
