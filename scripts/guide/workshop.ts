import { execFile } from 'node:child_process';
import { cp, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A copy of the repository as it is now, to be changed and thrown away. */
export interface Workshop {
  readonly folder: string;
  remove(): Promise<void>;
}

/** Copies what git knows or would take up; the installed packages are used from where they are. */
export const openWorkshop = async (repository: string): Promise<Workshop> => {
  const { stdout } = await promisify(execFile)(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', '-z'],
    { cwd: repository, maxBuffer: 16 * 2 ** 20 },
  );
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'guide-')));
  for (const path of stdout.split('\0').filter((one) => one !== '' && one !== 'node_modules'))
    await cp(join(repository, path), join(folder, path)).catch((error: NodeJS.ErrnoException) => {
      // Deleted, but not yet for git.
      if (error.code !== 'ENOENT') throw error;
    });
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
};
