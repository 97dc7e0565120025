import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Progress } from '../progress';
import { assertHostsPossible, ensureBaseImage } from './base-image';
import { BASE_PROGRAMS, BROWSER_PROGRAMS, ensureDebianPrograms, HOST_PROGRAMS } from './debian-packages';
import { type Machine, requireProgram, thisMachine } from './machine';
import { ensureOpa } from './opa';
import { ensureOpenTofu } from './opentofu';
import { ensurePythonEnvironment } from './python-environment';

/** Where the tools of the local platform are. All paths are absolute. */
export interface Toolchain {
  readonly pythonBin: string;
  /** Holds `python`, `ansible-runner` and `ansible-playbook`. */
  readonly pythonBinDir: string;
  readonly tofuBin: string;
  readonly tofuBinDir: string;
  /** Holds `opa`, which judges plans. */
  readonly opaBinDir: string;
  /** The root of the Debian image that hosts start from; empty when hosts were not asked for. */
  readonly baseImageDir: string;
  readonly cacheDir: string;
}

/**
 * Makes sure that every tool of the local platform is there, and says where. What is missing is downloaded or built
 * into the cache, which all clones share; when nothing is missing this takes a few milliseconds.
 *
 * @throws ToolchainError, with a sentence that says what is needed
 */
export const ensureToolchain = async (
  progress: Progress,
  options: { readonly needHosts: boolean },
  machine: Machine = thisMachine(),
): Promise<Toolchain> => {
  if (options.needHosts) assertHostsPossible(machine);
  mkdirSync(machine.cacheDir, { recursive: true });
  const programs = options.needHosts ? HOST_PROGRAMS : BASE_PROGRAMS;
  const programsReady = ensureDebianPrograms(machine, progress, programs);
  const work = [
    ensurePythonEnvironment(machine, progress, 'requirements.txt', 'Python environment (emulator, Ansible)'),
    ensureOpenTofu(machine, progress),
    ensureOpa(machine, progress),
    options.needHosts ? ensureBaseImage(machine, progress, () => programsReady) : Promise.resolve(''),
    programsReady,
  ] as const;
  // Nothing goes on in the background behind an error message.
  await Promise.allSettled(work);
  const [python, tofuBin, opaBin, baseImageDir] = await Promise.all(work);
  return {
    ...python,
    tofuBin,
    tofuBinDir: dirname(tofuBin),
    opaBinDir: dirname(opaBin),
    baseImageDir,
    cacheDir: machine.cacheDir,
  };
};

/** The folder of the linters and scanners: ansible-lint, yamllint, checkov, cfn-lint, molecule, shellcheck. */
export const ensureDevTools = async (
  progress: Progress,
  machine: Machine = thisMachine(),
): Promise<{ binDir: string }> => {
  const title = 'Python environment (linters, scanners)';
  const { pythonBinDir } = await ensurePythonEnvironment(machine, progress, 'requirements-dev.txt', title);
  return { binDir: pythonBinDir };
};

/** The path of Chromium, for tests of pages. */
export const ensureBrowser = async (
  progress: Progress,
  machine: Machine = thisMachine(),
): Promise<string> => {
  await ensureDebianPrograms(machine, progress, BROWSER_PROGRAMS);
  return requireProgram(machine, 'chromium', 'Install the package chromium.');
};

/** The path of OpenBao's program, client and server in one, for tests and for trying things: nothing else needs it. */
export const ensureOpenBao = async (
  progress: Progress,
  machine: Machine = thisMachine(),
): Promise<string> => {
  const { pythonBinDir } = await ensurePythonEnvironment(
    machine,
    progress,
    'requirements-openbao.txt',
    'OpenBao',
  );
  return join(pythonBinDir, 'bao');
};
