import { promises as fs } from 'node:fs';

const read = (path: string): Promise<string> => fs.readFile(path, 'utf8').catch(() => '');

const processes = async (): Promise<number[]> =>
  (await fs.readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);

/** A process of a function of the platform. */
export interface PlatformWorker {
  readonly pid: number;
  readonly variable: (name: string) => string;
}

/** The processes of functions that run now, of the platform at that port and of no other on this machine. */
export const platformWorkers = async (gatewayPort: number): Promise<PlatformWorker[]> => {
  const found: PlatformWorker[] = [];
  for (const pid of await processes()) {
    if (!/^(node|MainThread)/.test(await read(`/proc/${pid}/comm`))) continue;
    const environment = (await read(`/proc/${pid}/environ`)).split('\0');
    const variable = (name: string) =>
      environment.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
    const isOurs = variable('AWS_ENDPOINT_URL').endsWith(`:${gatewayPort}`);
    if (isOurs && variable('AWS_LAMBDA_FUNCTION_NAME') !== '') found.push({ pid, variable });
  }
  return found;
};

/** The processes of the emulator that listens at that port: it, and what watches over it. */
export const emulatorProcesses = async (gatewayPort: number): Promise<number[]> => {
  const found: number[] = [];
  for (const pid of await processes()) {
    const words = (await read(`/proc/${pid}/cmdline`)).split('\0');
    if (words.some((word) => word.endsWith('/launcher.py')) && words.includes(String(gatewayPort)))
      found.push(pid);
  }
  return found;
};
