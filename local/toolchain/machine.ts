import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { MissingToolError } from './toolchain-error';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  /** The end of both outputs, for the message of a failure. */
  readonly tail: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Gets each line of output, to show where a long command stands. */
  readonly onLine?: (line: string) => void;
}

/** The machine that the toolchain is set up on. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly isRoot: boolean;
  readonly cacheDir: string;
  /** The absolute path of a program, or undefined. */
  find(program: string): string | undefined;
  /** Runs a program to its end; a program that does not exist has code 127. */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<CommandResult>;
  freeBytes(folder: string): Promise<number>;
  download(url: string): Promise<Buffer>;
}

const SYSTEM_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
const TAIL_CHARACTERS = 4_000;
const DOWNLOAD_TIMEOUT_MS = 300_000;

const findProgram = (program: string): string | undefined => {
  const folders = [...(process.env.PATH ?? '').split(':').filter(Boolean), ...SYSTEM_PATH];
  return folders
    .map((folder) => join(folder, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
};

const runProgram: Machine['run'] = (program, args, options = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(program, [...args], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let tail = '';
    const take = (text: string) => {
      tail = (tail + text).slice(-TAIL_CHARACTERS);
      const last = text.trimEnd().split('\n').at(-1)?.trim();
      if (last) options.onLine?.(last);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      take(text);
    });
    child.stderr.setEncoding('utf8').on('data', take);
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve({ code: 127, stdout: '', tail: `${program} was not found` });
      else reject(error);
    });
    child.once('close', (code) => resolve({ code: code ?? 1, stdout, tail }));
  });

const download = async (url: string): Promise<Buffer> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
};

/** This machine. The cache is shared by all clones of the repository. */
export const thisMachine = (): Machine => ({
  platform: process.platform,
  arch: process.arch,
  isRoot: process.getuid?.() === 0,
  cacheDir: join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'process-orchestrator'),
  find: findProgram,
  run: runProgram,
  freeBytes: async (folder) => {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
  download,
});

/** The absolute path of a program that must be there. */
export const requireProgram = (machine: Machine, program: string, hint: string): string => {
  const found = machine.find(program);
  if (!found) throw new MissingToolError(`${program} was not found on this machine. ${hint}`);
  return found;
};
