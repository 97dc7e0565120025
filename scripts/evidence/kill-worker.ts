import { promises as fs } from 'node:fs';
import { platformWorkers } from '../bench/platform-processes';
import { endWorker, holdWorker } from '../faults/worker-process';
import { EvidenceError } from './lab';

const read = (path: string): Promise<string> => fs.readFile(path, 'utf8').catch(() => '');

const children = async (pid: number): Promise<number> => {
  const list = await read(`/proc/${pid}/task/${pid}/children`);
  return list.trim() === '' ? 0 : list.trim().split(' ').length;
};

/**
 * Kills the one process of this platform that does a task of the runner right now, with all that it started and its
 * folder. A worker that does something has a tool of its own running.
 *
 * @param gatewayPort tells the platform's own workers from those of others on this machine
 * @returns whether one was busy
 * @throws EvidenceError when more than one is
 */
export const killWorker = async (task: string, gatewayPort: number): Promise<boolean> => {
  const busy: number[] = [];
  for (const { pid, variable } of await platformWorkers(gatewayPort))
    if (variable('RUNNER_TASKS').split(',').includes(task) && (await children(pid)) > 0) busy.push(pid);
  const [worker, another] = busy;
  if (another !== undefined) throw new EvidenceError(`More than one worker was busy with ${task}.`);
  if (worker === undefined) return false;
  await holdWorker(worker);
  await endWorker(worker, 'SIGKILL');
  return true;
};
