import { execFile } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Toolchain } from '../../local/toolchain/toolchain';

/** What the figures depend on, in words. */
export type MachineFacts = Readonly<Record<string, string>>;

const firstLine = async (command: string, args: readonly string[], cwd?: string): Promise<string> => {
  const { stdout } = await promisify(execFile)(command, args, cwd === undefined ? {} : { cwd });
  return stdout.split('\n')[0]?.trim() ?? '';
};

/** Reads them at the beginning, while the benchmark itself is no load yet. */
export const machineFacts = async (repository: string, toolchain: Toolchain): Promise<MachineFacts> => {
  const changes = await firstLine('git', ['status', '--porcelain', '--untracked-files=no'], repository);
  const commit = await firstLine('git', ['rev-parse', '--short=12', 'HEAD'], repository);
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' ').concat(' UTC'),
    commit: `${commit}${changes === '' ? '' : ' with changes'}`,
    processor: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    'load before (1 min)': (loadavg()[0] ?? 0).toFixed(1),
    Node: process.version,
    OpenTofu: await firstLine(join(toolchain.tofuBinDir, 'tofu'), ['version']),
    Ansible: await firstLine(join(toolchain.pythonBinDir, 'ansible'), ['--version']),
  };
};
