import { spawn } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';
import type { StepError } from '../shared/errors';

const outputLimitBytes = 64 * 1024 * 1024;

export interface ToolRequest {
  /** A program on the given PATH; never a shell. */
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Interrupts the tool; the reason is thrown once it has ended. */
  readonly signal: AbortSignal;
  /** What the tool reads on its standard input. @default nothing */
  readonly stdin?: string;
  readonly onOutput: (text: string) => void;
  /** How a tool that is missing or out of bounds is reported. */
  readonly failure: new (
    message: string,
  ) => StepError;
  /** Time between the interrupt, on which a tool saves its state, and the kill. @default 20 seconds */
  readonly graceMs?: number;
}

export interface ToolResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const signalGroup = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-pid, signal);
  } catch {
    // The whole group is gone: that is what was wanted.
  }
};

/**
 * Runs a tool in its own process group. An abort interrupts the whole group once (children that the tool started
 * would otherwise survive it) and kills it after the grace.
 *
 * @throws the abort's reason when it was interrupted; `failure` when it could not start or said too much.
 */
export const runTool = (request: ToolRequest): Promise<ToolResult> =>
  new Promise((resolve, reject) => {
    if (request.signal.aborted) {
      reject(request.signal.reason);
      return;
    }
    const child = spawn(request.command, request.args, {
      cwd: request.cwd,
      env: { ...request.env },
      stdio: [request.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      detached: true,
      shell: false,
    });
    // A tool that ends without reading it all says why by its exit code.
    child.stdin?.on('error', () => undefined).end(request.stdin);
    // As text at once: a plan's JSON is large, and is not to be held as bytes and as text.
    const said = { stdout: '', stderr: '' };
    const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
    let bytes = 0;
    let failed: unknown;
    let killTimer: NodeJS.Timeout | undefined;
    const interrupt = (reason: unknown): void => {
      if (failed !== undefined || child.pid === undefined) return;
      failed = reason;
      const { pid } = child;
      signalGroup(pid, 'SIGINT');
      killTimer = setTimeout(() => signalGroup(pid, 'SIGKILL'), request.graceMs ?? 20_000);
    };
    const onAbort = (): void => interrupt(request.signal.reason);
    request.signal.addEventListener('abort', onAbort, { once: true });

    for (const stream of ['stdout', 'stderr'] as const)
      child[stream]?.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > outputLimitBytes) {
          interrupt(new request.failure(`${request.command} was ended: it printed more than 64 MiB.`));
          return;
        }
        const text = decoders[stream].write(chunk);
        said[stream] += text;
        request.onOutput(text);
      });
    const settle = (): void => {
      clearTimeout(killTimer);
      request.signal.removeEventListener('abort', onAbort);
    };
    child.on('error', (error) => {
      settle();
      reject(new request.failure(`${request.command} cannot be started on this worker: ${error.message}.`));
    });
    child.on('close', (code, signal) => {
      settle();
      if (failed !== undefined) {
        if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
        reject(failed);
        return;
      }
      resolve({
        code: code ?? 128 + (signal === 'SIGKILL' ? 9 : 15),
        stdout: said.stdout + decoders.stdout.end(),
        stderr: said.stderr + decoders.stderr.end(),
      });
    });
  });
