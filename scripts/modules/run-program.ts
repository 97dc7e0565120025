import { execFile } from 'node:child_process';

export interface ProgramOptions {
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** @default 10 minutes */
  readonly timeoutMs?: number;
}

/**
 * Runs a program to its end and returns what it printed.
 *
 * @throws Error with the command and the end of its output.
 */
export const runProgram = (
  command: string,
  args: readonly string[],
  { cwd, env, timeoutMs = 600_000 }: ProgramOptions,
): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(
      command,
      args,
      { cwd, env: { ...env }, timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error)
          reject(new Error(`$ ${[command, ...args].join(' ')}\n${`${stdout}${stderr}`.slice(-4000).trim()}`));
        else resolve(stdout);
      },
    );
  });
