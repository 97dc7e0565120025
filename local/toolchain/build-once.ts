import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Progress } from '../progress';
import { withLock } from './lock';
import type { Machine } from './machine';
import { DiskFullError, ToolchainError } from './toolchain-error';

const GIGABYTE = 1024 ** 3;
const COMPLETE = '.complete';

export interface Build {
  /** The folder that the build makes. */
  readonly folder: string;
  readonly title: string;
  readonly needsGigabytes: number;
  /**
   * What cannot be moved once built (a Python environment) is built in its place, and is complete with a marker.
   * @default false: built beside and renamed
   */
  readonly inPlace?: boolean;
  readonly build: (folder: string, note: (text: string) => void) => Promise<void>;
}

const isComplete = ({ folder, inPlace }: Build): boolean =>
  existsSync(inPlace ? join(folder, COMPLETE) : folder);

const removeLeftovers = (folder: string): void => {
  const prefix = `${basename(folder)}.building-`;
  for (const name of readdirSync(dirname(folder)))
    if (name.startsWith(prefix)) rmSync(join(dirname(folder), name), { recursive: true, force: true });
};

const checkSpace = async (machine: Machine, build: Build): Promise<void> => {
  const free = await machine.freeBytes(dirname(build.folder));
  if (free < build.needsGigabytes * GIGABYTE)
    throw new DiskFullError(
      `${build.title} needs ${build.needsGigabytes} GB of free disk space at ${dirname(build.folder)}, and only ${(free / GIGABYTE).toFixed(1)} GB are free. Free some, or set XDG_CACHE_HOME to a folder on another disk.`,
    );
};

const buildNow = async (build: Build, note: (text: string) => void): Promise<void> => {
  removeLeftovers(build.folder);
  const workFolder = build.inPlace ? build.folder : `${build.folder}.building-${process.pid}`;
  rmSync(workFolder, { recursive: true, force: true });
  try {
    mkdirSync(workFolder, { recursive: true });
    await build.build(workFolder, note);
    if (build.inPlace) writeFileSync(join(workFolder, COMPLETE), '');
    else renameSync(workFolder, build.folder);
  } catch (error) {
    rmSync(workFolder, { recursive: true, force: true });
    if (error instanceof ToolchainError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
      throw new DiskFullError(`${build.title} ran out of disk space. Free some and run the command again.`, {
        cause: error,
      });
    throw error;
  }
};

/** Makes the folder unless it is there: whole or not at all, by one process at a time. */
export const buildOnce = async (machine: Machine, progress: Progress, build: Build): Promise<string> => {
  if (isComplete(build)) return build.folder;
  await progress.step(build.title, async (note) => {
    mkdirSync(dirname(build.folder), { recursive: true });
    const waits = () => note('another process is at it; waiting for it');
    await withLock(
      `${build.folder}.lock`,
      async () => {
        if (isComplete(build)) return;
        await checkSpace(machine, build);
        await buildNow(build, note);
      },
      waits,
    );
  });
  return build.folder;
};
