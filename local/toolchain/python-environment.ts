import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Progress } from '../progress';
import { buildOnce } from './build-once';
import { ensureDebianPrograms } from './debian-packages';
import type { Machine } from './machine';
import { runOrExplain } from './run-or-explain';
import { MissingToolError } from './toolchain-error';

const CANDIDATES = ['python3.13', 'python3.12', 'python3.11', 'python3'];
/** ansible-core 2.19 runs on 3.11 and later. */
const PROBE = 'import sys, ensurepip, venv; sys.exit(0 if sys.version_info >= (3, 11) else 3)';
const HASH_CHARACTERS = 16;

/** A Python that can make environments; on a Debian machine its package is installed when it is missing. */
const findPython = async (machine: Machine, progress: Progress): Promise<string> => {
  const probe = async (): Promise<string | undefined> => {
    for (const name of CANDIDATES) {
      const path = machine.find(name);
      if (path && (await machine.run(path, ['-c', PROBE])).code === 0) return path;
    }
    return undefined;
  };
  const found = await probe();
  if (found) return found;
  if (machine.isRoot && machine.find('apt-get')) {
    // No program of this name exists: the package is asked for because the probe failed.
    await ensureDebianPrograms(machine, progress, [
      { program: 'python3-venv', debianPackage: 'python3-venv' },
    ]);
    const installed = await probe();
    if (installed) return installed;
  }
  throw new MissingToolError(
    'Python 3.11 or later with its venv module is needed. On Debian and Ubuntu: sudo apt-get install -y python3-venv; elsewhere install it from python.org.',
  );
};

export interface PythonEnvironment {
  readonly pythonBin: string;
  readonly pythonBinDir: string;
}

/** The environment of a pinned requirements file, with every package's hash checked. */
export const ensurePythonEnvironment = async (
  machine: Machine,
  progress: Progress,
  requirementsFile: string,
  title: string,
): Promise<PythonEnvironment> => {
  const requirements = join(__dirname, requirementsFile);
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  const folder = await buildOnce(machine, progress, {
    folder: join(machine.cacheDir, 'python', digest.slice(0, HASH_CHARACTERS)),
    title,
    needsGigabytes: 2,
    inPlace: true,
    build: async (environment, note) => {
      const python = await findPython(machine, progress);
      await runOrExplain(machine, 'Creating the Python environment', python, ['-m', 'venv', environment]);
      const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--require-hashes'];
      const args = [...pip, '-r', requirements];
      const onLine = (line: string) => note(line.slice(0, 60));
      await runOrExplain(machine, 'Installing Python packages', join(environment, 'bin', 'python'), args, {
        onLine,
      });
    },
  });
  const pythonBinDir = join(folder, 'bin');
  return { pythonBin: join(pythonBinDir, 'python'), pythonBinDir };
};
