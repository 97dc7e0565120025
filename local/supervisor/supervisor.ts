import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type PlatformFile, readLastPlatform, removePlatformFile, writePlatformFile } from './platform-file';
import { type PlatformParts, startParts } from './platform-parts';
import { awaitEnd, identify } from './process-identity';
import { type SupervisorMessage, type SupervisorOptions, supervisorOptions } from './supervisor-contract';

const EMULATOR_END_TIMEOUT_MS = 15_000;

/**
 * The process that owns the local platform: everything else dies with it, by the kernel's hand where need be.
 *
 * It ends cleanly at SIGTERM and SIGINT and, unless it is to be kept, at the end of its standard input, which its
 * parent holds: a parent that is killed leaves nothing behind. It is started by client.ts, which also makes sure that
 * there is one per state.
 */
const supervise = async (options: SupervisorOptions): Promise<number> => {
  const ending = new AbortController();
  const end = (reason: string) => {
    if (ending.signal.aborted) return;
    log(`ending: ${reason}`);
    ending.abort(new Error(`The local platform was stopped while it started (${reason}).`));
  };
  // Further signals change nothing: the end is under way, and bounded in time.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => end(signal));
  if (!options.keep) {
    process.stdin.on('end', () => end('the owner is gone'));
    process.stdin.on('error', () => end('the owner is gone'));
    process.stdin.resume();
  }
  process.on('uncaughtException', (error) => {
    log(`unexpected: ${error.stack ?? error.message}`);
    process.exitCode = 1;
    end('an unexpected error');
  });

  let parts: PlatformParts;
  try {
    await recover(options.stateDir);
    mkdirSync(join(options.stateDir, 'logs'), { recursive: true });
    parts = await startParts(options, {
      progress: (text) => tell({ progress: text }),
      log,
      signal: ending.signal,
    });
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    log(`failed to start: ${name}: ${message}`);
    tell({ failed: { code: name, message } });
    return ending.signal.aborted ? 0 : 1;
  }
  void parts.emulator.exited.then((code) => {
    if (ending.signal.aborted) return;
    process.exitCode = 1;
    end(`the AWS emulator ended with exit code ${code}`);
  });
  try {
    const platform = describe(options, parts);
    await writePlatformFile(platform);
    log(`ready: ${platform.gatewayUrl}`);
    tell({ ready: platform });
    if (!ending.signal.aborted)
      await new Promise((resolve) => ending.signal.addEventListener('abort', resolve, { once: true }));
  } finally {
    await removePlatformFile(options.stateDir);
    await parts.stop();
  }
  log('ended');
  return Number(process.exitCode ?? 0);
};

const describe = (
  options: SupervisorOptions,
  { emulator, ports, tokenFile }: PlatformParts,
): PlatformFile => {
  const [supervisor, emulatorProcess] = [identify(process.pid), identify(emulator.pid)];
  if (!supervisor || !emulatorProcess)
    throw new Error('The AWS emulator ended again, or the processes of this machine (/proc) cannot be read.');
  return {
    supervisor,
    emulator: emulatorProcess,
    keep: options.keep,
    stateDir: options.stateDir,
    gatewayUrl: emulator.url,
    hostControllerUrl: `http://127.0.0.1:${ports.hosts}`,
    hostControllerTokenFile: tokenFile,
    inboxUrl: `http://127.0.0.1:${ports.inbox}/`,
  };
};

/** A supervisor that was killed cannot have waited for its emulator, which is saving its state perhaps. */
const recover = async (stateDir: string): Promise<void> => {
  const last = await readLastPlatform(stateDir);
  if (last) await awaitEnd(last.emulator, EMULATOR_END_TIMEOUT_MS);
  await removePlatformFile(stateDir);
};

const log = (line: string): void => {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`);
};

const tell = (message: SupervisorMessage): void => {
  process.stdout.write(`${JSON.stringify(message)}\n`);
};

// Whoever started us may be gone; that ends us by other means, if at all.
process.stdout.on('error', () => undefined);

void supervise(supervisorOptions.parse(JSON.parse(process.argv[2] ?? 'null'))).then(
  (code) => process.exit(code),
  (error: unknown) => {
    log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exit(1);
  },
);
