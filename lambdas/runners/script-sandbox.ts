import { mainFile, type ScriptManifest } from './script-content';
import type { ToolRequest, ToolResult } from './tool-process';

/** What this worker can take away from a script. */
export interface Isolation {
  /** Another user than the worker, so that the worker's memory and files are out of reach. */
  readonly user: boolean;
  /** Its own process tree: nothing of it outlives it, and no other process is seen. */
  readonly processes: boolean;
  readonly network: boolean;
}

export type RunProgram = (
  request: Pick<ToolRequest, 'command' | 'args' | 'cwd' | 'env' | 'onOutput'>,
) => Promise<ToolResult>;

/** `nobody` on Debian and on Amazon Linux. */
export const scriptUser = 65_534;

const asNobody = [
  'setpriv',
  `--reuid=${scriptUser}`,
  `--regid=${scriptUser}`,
  '--clear-groups',
  '--bounding-set=-all',
  '--inh-caps=-all',
  '--no-new-privs',
];
const ownProcesses = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** Tries out what the worker may do: root can take everything away, a Lambda function hardly anything. */
export const probeIsolation = async (
  run: RunProgram,
  place: Pick<ToolRequest, 'cwd' | 'env'>,
): Promise<Isolation> => {
  const works = async ([command = '', ...args]: readonly string[]): Promise<boolean> => {
    try {
      return (
        (await run({ ...place, command, args: [...args, 'true'], onOutput: () => undefined })).code === 0
      );
    } catch {
      return false;
    }
  };
  const [user, processes, network] = await Promise.all([
    works(asNobody),
    works(ownProcesses),
    works(['unshare', '--net']),
  ]);
  return { user, processes, network };
};

const interpreters: Readonly<Record<ScriptManifest['interpreter'], readonly string[]>> = {
  // Isolated: neither the environment nor the working folder adds modules.
  python: ['python3', '-I', '-B'],
  shell: ['bash', '--noprofile', '--norc'],
  powershell: ['pwsh', '-NoLogo', '-NoProfile', '-NonInteractive', '-File'],
};

/** The question for its version, answered on one line. */
export const versionCommand = (interpreter: ScriptManifest['interpreter']): readonly string[] => [
  interpreters[interpreter][0] ?? '',
  '--version',
];

/** The whole command: limits first, then what is taken away, then the interpreter with the script's main file. */
export const sandboxed = (
  { interpreter, memory_mib: memory, timeout_seconds: seconds, network }: ScriptManifest,
  isolation: Isolation,
): readonly string[] => [
  'prlimit',
  `--as=${memory * 1024 * 1024}`,
  `--cpu=${seconds}`,
  '--fsize=67108864',
  '--nofile=256',
  '--core=0',
  ...(isolation.user ? ['--nproc=128'] : []),
  ...(isolation.processes ? ownProcesses : []),
  ...(isolation.network && !network ? ['unshare', '--net'] : []),
  ...(isolation.user ? asNobody : ['setpriv', '--no-new-privs']),
  ...interpreters[interpreter],
  mainFile[interpreter],
];
