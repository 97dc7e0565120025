import { promises as fs } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { endLeftoverProcesses } from '../../lambdas/runners/leftover-processes';

const read = (path: string): Promise<string> => fs.readFile(path, 'utf8').catch(() => '');

/** The inode of the socket at the other end of a connection on this machine. */
const inodeOf = async ({ remotePort = 0, localPort = 0 }: Socket): Promise<string | undefined> => {
  const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');
  const [from, to] = [`0100007F:${hex(remotePort)}`, `0100007F:${hex(localPort)}`];
  for (const line of (await read('/proc/net/tcp')).split('\n')) {
    const fields = line.trim().split(/\s+/);
    if (fields[1] === from && fields[2] === to) return fields[9];
  }
  return undefined;
};

const processes = async (): Promise<number[]> =>
  (await fs.readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);

/** Who calls services: the functions themselves, and OpenTofu. */
const callers = /^(node|MainThread|tofu)/;

/** The process that has a socket, among those that were given this address for the services. */
const ownerOf = async (inode: string, proxyPort: number): Promise<number | undefined> => {
  const address = `AWS_ENDPOINT_URL=http://127.0.0.1:${proxyPort}\0`;
  for (const pid of await processes()) {
    const folder = `/proc/${pid}`;
    if (!callers.test(await read(`${folder}/comm`))) continue;
    // To look through all that a process has open costs far more.
    if (!(await read(`${folder}/environ`)).includes(address)) continue;
    for (const name of await fs.readdir(`${folder}/fd`).catch(() => []))
      if ((await fs.readlink(`${folder}/fd/${name}`).catch(() => '')) === `socket:[${inode}]`) return pid;
  }
  return undefined;
};

const parentOf = async (pid: number): Promise<number> =>
  Number(/^PPid:\s+(\d+)/m.exec(await read(`/proc/${pid}/status`))?.[1] ?? 0);

/** The function's process behind a connection, be it its own or one of a tool that it started. */
export const workerBehind = async (socket: Socket): Promise<number | undefined> => {
  const inode = await inodeOf(socket);
  let pid = inode === undefined ? undefined : await ownerOf(inode, socket.localPort ?? 0);
  while (pid !== undefined && pid > 1) {
    if ((await read(`/proc/${pid}/comm`)).startsWith('node')) return pid;
    pid = await parentOf(pid);
  }
  return undefined;
};

const familyOf = async (root: number): Promise<number[]> => {
  const parents = new Map<number, number>();
  for (const pid of await processes()) parents.set(pid, await parentOf(pid));
  const family = [root];
  for (const member of family) for (const [pid, parent] of parents) if (parent === member) family.push(pid);
  return family;
};

/** The folder of the task that a tool works for, by the home that it was given. */
const taskFolder = async (pid: number): Promise<string | undefined> =>
  /(?:^|\0)HOME=([^\0]*\/runner-[A-Za-z0-9]+)/.exec(await read(`/proc/${pid}/environ`))?.[1];

const signalAll = (pids: readonly number[], signal: NodeJS.Signals): void => {
  for (const pid of pids)
    try {
      process.kill(pid, signal);
    } catch {
      // It is gone already.
    }
};

/** Resolves when the worker stands still: what it has not done by now, it does not do before it is let go. */
export const holdWorker = async (worker: number): Promise<void> => {
  signalAll([worker], 'SIGSTOP');
  for (let look = 0; look < 200; look++) {
    const state = /^State:\s+(\S)/m.exec(await read(`/proc/${worker}/status`))?.[1];
    if (state === undefined || 'TXZ'.includes(state)) return;
    await sleep(1);
  }
};

export const letWorkerGo = (worker: number): void => signalAll([worker], 'SIGCONT');

/**
 * Ends a worker that is held as the platform ends a machine: with all that it started, and with its disk. `SIGTERM`
 * reaches all of them first, and leaves the tools the time to react.
 */
export const endWorker = async (worker: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
  const family = await familyOf(worker);
  const folders = new Set((await Promise.all(family.map(taskFolder))).filter((path) => path !== undefined));
  signalAll(family, signal);
  if (signal === 'SIGTERM') {
    signalAll(family, 'SIGCONT');
    await sleep(1500);
    signalAll(family, 'SIGKILL');
  }
  for (const folder of folders) {
    await endLeftoverProcesses(folder);
    await fs.rm(folder, { recursive: true, force: true });
  }
};
