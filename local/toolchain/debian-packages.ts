import type { Progress } from '../progress';
import { withLock } from './lock';
import type { Machine } from './machine';
import { runOrExplain } from './run-or-explain';
import { MissingToolError } from './toolchain-error';

/** A program, and the Debian package that brings it. */
export interface DebianProgram {
  readonly program: string;
  readonly debianPackage: string;
}

export const HOST_PROGRAMS: readonly DebianProgram[] = [
  { program: 'debootstrap', debianPackage: 'debootstrap' },
  { program: 'systemd-nspawn', debianPackage: 'systemd-container' },
  { program: 'zstd', debianPackage: 'zstd' },
  { program: 'ssh', debianPackage: 'openssh-client' },
  { program: 'ip', debianPackage: 'iproute2' },
  { program: 'setpriv', debianPackage: 'util-linux' },
];

/** What Ansible needs of the machine, with hosts or without. */
export const BASE_PROGRAMS: readonly DebianProgram[] = [{ program: 'ssh', debianPackage: 'openssh-client' }];

export const BROWSER_PROGRAMS: readonly DebianProgram[] = [
  { program: 'chromium', debianPackage: 'chromium' },
];

/** Installs what is missing. Concurrent callers, in this process and in others, take turns. */
export const ensureDebianPrograms = async (
  machine: Machine,
  progress: Progress,
  programs: readonly DebianProgram[],
): Promise<void> => {
  const missing = () => programs.filter(({ program }) => machine.find(program) === undefined);
  if (missing().length === 0) return;
  const aptGet = machine.find('apt-get');
  const packages = [...new Set(missing().map(({ debianPackage }) => debianPackage))];
  if (!aptGet || !machine.isRoot) {
    const names = missing().map(({ program }) => program);
    throw new MissingToolError(
      `Not installed on this machine: ${names.join(', ')}. ${
        aptGet
          ? `Install with: sudo apt-get update && sudo apt-get install -y ${packages.join(' ')}`
          : `Install the equivalents of the Debian packages ${packages.join(', ')}.`
      }`,
    );
  }
  await progress.step(`Install ${packages.join(', ')}`, (note) =>
    withLock(`${machine.cacheDir}/apt.lock`, async () => {
      const env = { DEBIAN_FRONTEND: 'noninteractive' };
      const onLine = note;
      // Another program may hold dpkg's lock, such as the machine's own upgrades.
      const patient = ['-o', 'DPkg::Lock::Timeout=300', '-qq'];
      await runOrExplain(machine, 'Updating the package lists', aptGet, [...patient, 'update'], {
        env,
        onLine,
      });
      const install = [...patient, 'install', '-y', '--no-install-recommends', ...packages];
      await runOrExplain(machine, 'Installing packages', aptGet, install, { env, onLine });
    }),
  );
};
