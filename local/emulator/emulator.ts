import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Toolchain } from '../toolchain/toolchain';
import { assertPortFree, findFreePort } from './free-port';

/** The emulator could not start, or ended before it answered. */
export class EmulatorError extends Error {
  override readonly name = 'EmulatorError';
}

export interface EmulatorOptions {
  readonly toolchain: Pick<Toolchain, 'pythonBin' | 'pythonBinDir' | 'tofuBinDir' | 'opaBinDir'>;
  /** Holds everything that survives a restart; two emulators never share one. */
  readonly stateDir: string;
  /** @default a free port */
  readonly port?: number;
  readonly logFile: string;
  /** Whether policies are enforced, as on AWS. @default false */
  readonly enforcesPolicies?: boolean;
  /** Further folders for the PATH of Lambdas, before the system's. @default none */
  readonly extraPath?: readonly string[];
}

export interface Emulator {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves with the exit code when the emulator ends, by whatever cause. */
  readonly exited: Promise<number | null>;
  /** Saves the state, ends the emulator and every process that its Lambdas started. */
  stop(): Promise<void>;
}

const LAUNCHER = join(__dirname, 'launcher.py');
const REPOSITORY = resolve(__dirname, '..', '..');
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 12_000;

/** Nothing is inherited: Lambdas see the emulator's environment, and would act differently on every machine. */
const environmentOf = (options: EmulatorOptions, port: number): Record<string, string> => {
  const { toolchain, stateDir } = options;
  const path = [
    ...(options.extraPath ?? []),
    toolchain.tofuBinDir,
    toolchain.opaBinDir,
    toolchain.pythonBinDir,
    dirname(process.execPath),
    ...['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'],
  ];
  return {
    PATH: [...new Set(path)].join(':'),
    HOME: join(stateDir, 'home'),
    TMPDIR: join(stateDir, 'tmp'),
    LANG: 'C.UTF-8',
    PYTHONUNBUFFERED: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    NODE_PATH: join(REPOSITORY, 'node_modules'),
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    // Workers mask their own secret in all they write: it must be no word that a plan or a log may hold.
    AWS_SECRET_ACCESS_KEY: 'no-secret-of-the-local-platform',
    MINISTACK_REGION: 'us-east-1',
    GATEWAY_PORT: String(port),
    BIND_HOST: '127.0.0.1',
    LAMBDA_EXECUTOR: 'local',
    PERSIST_STATE: '1',
    STATE_DIR: join(stateDir, 'services'),
    S3_PERSIST: '1',
    S3_DATA_DIR: join(stateDir, 's3'),
    // Listeners on fixed ports, and a Docker engine that is not ours to clean.
    SFTP_ENABLED: '0',
    IOT_MTLS_ENABLED: '0',
    DOCKER_HOST: 'unix:///nonexistent',
    ...(options.enforcesPolicies && { AUTH: 'true' }),
  };
};

const prepareFolders = (stateDir: string): void => {
  rmSync(join(stateDir, 'tmp'), { recursive: true, force: true });
  for (const name of ['home', 'tmp', 'services', 's3']) {
    mkdirSync(join(stateDir, name), { recursive: true, mode: 0o700 });
  }
};

/** The end of the log, as the reason of a failed start. */
const lastLines = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-8).join('\n');
  } catch {
    return '';
  }
};

const answers = async (url: string): Promise<boolean> => {
  try {
    const response = await fetch(`${url}/_ministack/ready`, { signal: AbortSignal.timeout(2_000) });
    return response.ok;
  } catch {
    return false;
  }
};

const stopProcess = async (child: ChildProcess, exited: Promise<number | null>): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const ended = await Promise.race([exited.then(() => true), sleep(STOP_TIMEOUT_MS, false, { ref: false })]);
  if (ended) return;
  // The server and its workers die with the launcher: the kernel sends them SIGKILL.
  child.kill('SIGKILL');
  await exited;
};

/**
 * Starts the mended MiniStack and resolves when it answers. It dies with this process.
 *
 * @throws PortInUseError when the given port is taken
 * @throws EmulatorError when it cannot start, with the end of its log
 */
export const startEmulator = async (options: EmulatorOptions): Promise<Emulator> => {
  const stateDir = resolve(options.stateDir);
  const port = options.port ?? (await findFreePort());
  await assertPortFree(port);
  prepareFolders(stateDir);
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'a', 0o600);
  const child = spawn(
    options.toolchain.pythonBin,
    [LAUNCHER, '--host', '127.0.0.1', '--port', String(port), '--state-dir', join(stateDir, 'services')],
    { env: environmentOf({ ...options, stateDir }, port), stdio: ['pipe', log, log], cwd: stateDir },
  );
  closeSync(log);
  child.stdin?.on('error', () => undefined);
  const exited = new Promise<number | null>((done) => {
    child.once('exit', (code) => done(code));
    child.once('error', () => done(null));
  });
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + START_TIMEOUT_MS;
  let ended = false;
  void exited.then(() => {
    ended = true;
  });
  while (!(await answers(url))) {
    if (ended)
      throw new EmulatorError(`The AWS emulator ended while it started:\n${lastLines(options.logFile)}`);
    if (Date.now() > deadline) {
      await stopProcess(child, exited);
      throw new EmulatorError(
        `The AWS emulator did not answer within ${START_TIMEOUT_MS / 1000} seconds:\n${lastLines(options.logFile)}`,
      );
    }
    await sleep(50);
  }
  return { url, port, pid: child.pid ?? 0, exited, stop: () => stopProcess(child, exited) };
};
