import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Toolchain } from '../toolchain/toolchain';
import { type PlatformFile, readPlatformFile } from './platform-file';
import { awaitEnd, isAlive } from './process-identity';
import {
  STATE_IN_USE_EXIT_CODE,
  type SupervisorMessage,
  type SupervisorOptions,
  supervisorMessage,
} from './supervisor-contract';

/** The platform could not start. Its code is the class name of what went wrong inside. */
export class PlatformStartError extends Error {
  override readonly name = 'PlatformStartError';
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

/** Another command uses this state right now, and takes its platform down when it ends. */
export class PlatformBusyError extends Error {
  override readonly name = 'PlatformBusyError';
}

/** A platform that runs. */
export interface Platform {
  readonly stateDir: string;
  readonly gatewayUrl: string;
  readonly hostControllerUrl: string;
  readonly hostControllerTokenFile: string;
  readonly inboxUrl: string;
  /** It stays up when the command that started it ends. */
  readonly keep: boolean;
  /** It was up before. */
  readonly reused: boolean;
  /** Powers everything off and resolves when nothing of it runs any longer. */
  stop(): Promise<void>;
}

export interface StartSupervisorOptions {
  readonly stateDir: string;
  /** Leave it up when this process ends. */
  readonly keep: boolean;
  readonly toolchain: Toolchain;
  /** Told what happens now, in a few words. */
  readonly progress?: (text: string) => void;
  /** Aborting it gives the start up. */
  readonly signal?: AbortSignal;
}

const STOP_TIMEOUT_MS = 25_000;
const IN_USE_TIMEOUT_MS = 60_000;
const RETRY_MS = 300;
const TSX = require.resolve('tsx/cjs');

/**
 * Starts the platform of a state folder, or takes the one that was kept.
 *
 * @throws PlatformBusyError when another command's platform runs on it
 * @throws PlatformStartError when it cannot start
 */
export const startSupervisor = async (options: StartSupervisorOptions): Promise<Platform> => {
  options.signal?.throwIfAborted();
  const stateDir = resolve(options.stateDir);
  mkdirSync(join(stateDir, 'logs'), { recursive: true, mode: 0o700 });
  const deadline = Date.now() + IN_USE_TIMEOUT_MS;
  do {
    const running = await readPlatformFile(stateDir);
    if (running) return reuse(running);
    const started = await startOnce({ ...options, stateDir });
    if (started) return started;
    // Another one is starting, and will say so, or is ending.
    await sleep(RETRY_MS, undefined, { signal: options.signal });
  } while (Date.now() < deadline);
  throw new PlatformBusyError(
    `Another command is starting or stopping a platform on the state in ${stateDir}. Wait until it has ended.`,
  );
};

/** Null when another supervisor holds the state. */
const startOnce = async (options: StartSupervisorOptions): Promise<Platform | null> => {
  const { stateDir } = options;
  const child = spawnSupervisor({ stateDir, keep: options.keep, toolchain: options.toolchain });
  const giveUp = () => child.kill('SIGTERM');
  options.signal?.addEventListener('abort', giveUp, { once: true });
  try {
    const platform = await awaitReady(child, stateDir, options.progress ?? (() => undefined));
    if (platform === 'in use') return null;
    return platformOf(platform, false, child);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', giveUp);
  }
};

/** The platform that runs on this state now, whoever started it, or null. */
export const findRunningPlatform = async (stateDir: string): Promise<Platform | null> => {
  const running = await readPlatformFile(resolve(stateDir));
  return running && platformOf(running, true, null);
};

/** Stops whatever platform runs on this state. Returns whether there was one. */
export const stopPlatform = async (stateDir: string): Promise<boolean> => {
  const running = await findRunningPlatform(stateDir);
  await running?.stop();
  return running !== null;
};

const reuse = (running: PlatformFile): Platform => {
  if (!running.keep)
    throw new PlatformBusyError(
      `Another command (its platform is process ${running.supervisor.pid}) uses the state in ${running.stateDir}. Wait until it has ended, or stop it with npm start -- --stop.`,
    );
  return platformOf(running, true, null);
};

const platformOf = (file: PlatformFile, reused: boolean, child: ChildProcess | null): Platform => ({
  stateDir: file.stateDir,
  gatewayUrl: file.gatewayUrl,
  hostControllerUrl: file.hostControllerUrl,
  hostControllerTokenFile: file.hostControllerTokenFile,
  inboxUrl: file.inboxUrl,
  keep: file.keep,
  reused,
  stop: async () => {
    child?.stdin?.end();
    signal(file, 'SIGTERM');
    await awaitEnd(file.supervisor, STOP_TIMEOUT_MS);
    await awaitEnd(file.emulator, STOP_TIMEOUT_MS);
  },
});

const signal = ({ supervisor }: PlatformFile, name: NodeJS.Signals): void => {
  if (isAlive(supervisor)) process.kill(supervisor.pid, name);
};

/** In a session of its own, so that a Ctrl-C reaches the command alone, which then ends it in order. */
const spawnSupervisor = (options: SupervisorOptions): ChildProcess => {
  const log = openSync(join(options.stateDir, 'logs', 'supervisor.log'), 'a', 0o600);
  // flock becomes the supervisor; the lock goes when that process goes, however it ends.
  const lock = ['--nonblock', '--no-fork', '--conflict-exit-code', String(STATE_IN_USE_EXIT_CODE)];
  const child = spawn(
    'flock',
    [
      ...lock,
      join(options.stateDir, 'supervisor.lock'),
      process.execPath,
      '--require',
      TSX,
      join(__dirname, 'supervisor.ts'),
      JSON.stringify(options),
    ],
    { cwd: options.stateDir, detached: true, stdio: [options.keep ? 'ignore' : 'pipe', 'pipe', log] },
  );
  closeSync(log);
  child.stdin?.on('error', () => undefined);
  return child;
};

/** Listens until the supervisor is ready, has failed, or finds the state in use; then lets go of it. */
const awaitReady = (
  child: ChildProcess,
  stateDir: string,
  progress: (text: string) => void,
): Promise<PlatformFile | 'in use'> =>
  new Promise<PlatformFile | 'in use'>((done, fail) => {
    const hear = (message: SupervisorMessage) => {
      if ('progress' in message) progress(message.progress);
      else if ('ready' in message) done(message.ready);
      else fail(new PlatformStartError(message.failed.message, message.failed.code));
    };
    child.once('error', (error: NodeJS.ErrnoException) =>
      fail(
        error.code === 'ENOENT'
          ? new PlatformStartError(
              'The command flock is missing. Install: apt-get install util-linux',
              'MissingTool',
            )
          : error,
      ),
    );
    child.once('close', (code) => {
      if (code === STATE_IN_USE_EXIT_CODE) done('in use');
      else
        fail(
          new PlatformStartError(
            `The local platform ended while it started. Why: ${join(stateDir, 'logs', 'supervisor.log')}`,
            'SupervisorEnded',
          ),
        );
    });
    if (!child.stdout) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      try {
        hear(supervisorMessage.parse(JSON.parse(line)));
      } catch {
        // Something in it printed a line that is not for us.
      }
    });
  }).finally(() => {
    // Neither the process nor its pipes keep this command from ending.
    child.unref();
    for (const stream of [child.stdin, child.stdout])
      (stream as unknown as { unref?(): void } | null)?.unref?.();
  });
