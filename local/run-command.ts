import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface CommandRun {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Gets each line of both outputs. */
  readonly onLine: (line: string) => void;
  /** Aborting it ends the command and everything it started. */
  readonly signal?: AbortSignal;
}

const graceMs = 3000;

/**
 * Runs a command to its end and returns its exit code.
 *
 * It leads its own process group: a Ctrl-C in the terminal reaches us alone, and we end the whole group.
 */
export const runCommand = async (run: CommandRun): Promise<number> => {
  run.signal?.throwIfAborted();
  const child = spawn(run.command, [...run.args], {
    cwd: run.cwd,
    env: { ...run.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const signalGroup = (signal: NodeJS.Signals) => {
    try {
      if (child.pid) process.kill(-child.pid, signal);
    } catch {
      // It has ended by itself.
    }
  };
  let force: NodeJS.Timeout | undefined;
  const stop = () => {
    signalGroup('SIGTERM');
    force = setTimeout(() => signalGroup('SIGKILL'), graceMs);
  };
  run.signal?.addEventListener('abort', stop, { once: true });
  try {
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', run.onLine);
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exit, signal) => resolve(exit ?? (signal ? 128 : 1)));
    });
    run.signal?.throwIfAborted();
    return code;
  } finally {
    clearTimeout(force);
    run.signal?.removeEventListener('abort', stop);
  }
};
