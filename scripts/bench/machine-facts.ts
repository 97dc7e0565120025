import { execFile } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Toolchain } from '../../local/toolchain/toolchain';

/** What the figures depend on, in words. */
export type MachineFacts = Readonly<Record<string, string>>;

const firstLine = async (command: string, args: readonly string[], cwd?: string): Promise<string> => {
  const { stdout } = await promisify(execFile)(command, args, cwd === undefined ? {} : { cwd });
  return stdout.trim().split('\n')[0] ?? '';
};

/** With no configuration of the user's, about which it might have something to say first. */
const tofuVersion = async (binary: string): Promise<string> => {
  const { stdout } = await promisify(execFile)(binary, ['version', '-json'], {
    env: { TF_CLI_CONFIG_FILE: '/dev/null', CHECKPOINT_DISABLE: '1' },
  });
  const { terraform_version: version }: { terraform_version: string } = JSON.parse(stdout);
  return version;
};

/** Reads them at the beginning, while the benchmark itself is no load yet. */
export const machineFacts = async (repository: string, toolchain: Toolchain): Promise<MachineFacts> => {
  // Figures that an earlier run has written are no change of what is measured.
  const measured = ['.', ':!docs/benchmarks.md', ':!docs/test-results.md', ':!docs/test-results'];
  const changes = await firstLine(
    'git',
    ['status', '--porcelain', '--untracked-files=no', '--', ...measured],
    repository,
  );
  const commit = await firstLine('git', ['rev-parse', '--short=12', 'HEAD'], repository);
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' ').concat(' UTC'),
    commit: `${commit}${changes === '' ? '' : ' with changes'}`,
    processor: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    'load before (1 min)': (loadavg()[0] ?? 0).toFixed(1),
    Node: process.version,
    OpenTofu: await tofuVersion(join(toolchain.tofuBinDir, 'tofu')),
    Ansible: await firstLine(join(toolchain.pythonBinDir, 'ansible'), ['--version']),
  };
};
