import { promises as fs } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const processesOf = async (folder: string): Promise<number[]> => {
  const ids = (await fs.readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    ids.map(async (id) => {
      const read = (file: string) => fs.readFile(`/proc/${id}/${file}`, 'utf8').catch(() => '');
      const [environment, workingFolder] = await Promise.all([
        read('environ'),
        fs.readlink(`/proc/${id}/cwd`).catch(() => ''),
      ]);
      const isOurs =
        environment.split('\0').some((entry) => entry.startsWith(`HOME=${folder}`)) ||
        // A shared SSH connection writes its socket's path over its environment.
        workingFolder.startsWith(`${folder}/`);
      return isOurs && Number(id) !== process.pid ? [Number(id)] : [];
    }),
  );
  return found.flat();
};

/**
 * Ends what a task's tools left running. Ansible's workers and the shared SSH connections leave the tool's process
 * group and would outlive it; they are known by the home that every tool of the task was given, and by where they work.
 */
export const endLeftoverProcesses = async (folder: string): Promise<void> => {
  for (let attempt = 0; attempt < 20; attempt++) {
    const ids = await processesOf(folder);
    if (ids.length === 0) return;
    for (const id of ids)
      try {
        process.kill(id, 'SIGKILL');
      } catch {
        // It ended by itself.
      }
    await sleep(25);
  }
};
