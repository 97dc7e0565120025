import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HostSize, hostSizes } from './host-record';

/** A control group of one machine: where its processes go, and what they may use. */
export interface MachineCgroup {
  /** Folders whose `cgroup.procs` the machine's first process joins before it boots. */
  readonly folders: readonly string[];
  /** Sets the limits of a size. Returns which of them this kernel and its owner let us set. */
  limit(size: HostSize): { memory: boolean; cpu: boolean };
  /** Removes the groups once the machine has ended. */
  remove(): void;
}

const MOUNT = '/sys/fs/cgroup';
const CPU_PERIOD_MICROSECONDS = 100_000;

const attempt = (action: () => void): boolean => {
  try {
    action();
    return true;
  } catch {
    return false;
  }
};

/** Our own place in each hierarchy, by the name that its mount has; `''` is the unified one. */
const ownGroups = (): Map<string, string> => {
  const lines = readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n');
  return new Map(
    lines.flatMap((line): Array<[string, string]> => {
      const [, controllers = '', path = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
      return controllers.split(',').map((name) => [name.replace(/^name=/, ''), path]);
    }),
  );
};

/**
 * Makes the groups of a machine, in whichever hierarchies this machine has. A systemd of its own needs a group of
 * its own: two machines in one group would take each other's services for theirs.
 */
export const makeMachineCgroup = (machine: string): MachineCgroup => {
  const groups = ownGroups();
  const isUnified = attempt(() => readFileSync(join(MOUNT, 'cgroup.controllers')));
  const folders = new Map<string, string>();
  const add = (name: string, parent: string) => {
    const folder = join(parent, machine);
    if (attempt(() => mkdirSync(folder, { recursive: true }))) folders.set(name, folder);
  };
  if (isUnified) {
    // Directly below the root: a group that has processes of its own (ours) may not share controllers out.
    const parent = join(MOUNT, 'process-orchestrator');
    attempt(() => mkdirSync(parent, { recursive: true }));
    for (const folder of [MOUNT, parent])
      for (const controller of ['memory', 'cpu', 'pids'])
        attempt(() => writeFileSync(join(folder, 'cgroup.subtree_control'), `+${controller}`));
    add('unified', parent);
  } else {
    for (const name of ['memory', 'cpu', 'pids', 'systemd'])
      if (groups.has(name)) add(name, join(MOUNT, name, groups.get(name) ?? '/'));
    if (groups.has('')) add('unified', join(MOUNT, 'unified', groups.get('') ?? '/'));
  }
  const write = (name: string, file: string, value: string): boolean => {
    const folder = folders.get(name);
    return folder !== undefined && attempt(() => writeFileSync(join(folder, file), value));
  };
  return {
    folders: [...folders.values()],
    limit: (size) => {
      const { memoryMebibytes, cpus } = hostSizes[size];
      const bytes = String(memoryMebibytes * 1024 * 1024);
      const quota = String(cpus * CPU_PERIOD_MICROSECONDS);
      if (isUnified)
        return {
          memory: write('unified', 'memory.max', bytes),
          cpu: write('unified', 'cpu.max', `${quota} ${CPU_PERIOD_MICROSECONDS}`),
        };
      return {
        memory: write('memory', 'memory.limit_in_bytes', bytes),
        cpu:
          write('cpu', 'cpu.cfs_period_us', String(CPU_PERIOD_MICROSECONDS)) &&
          write('cpu', 'cpu.cfs_quota_us', quota),
      };
    },
    remove: () => {
      for (const folder of folders.values()) removeGroup(folder);
    },
  };
};

/** Groups are removed from the innermost outwards; the files in them are the kernel's. */
const removeGroup = (folder: string): void => {
  attempt(() => {
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory()) removeGroup(join(folder, entry.name));
  });
  attempt(() => rmdirSync(folder));
};
