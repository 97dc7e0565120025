import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Progress } from '../progress';
import { buildOnce } from './build-once';
import { buildGoProgram, type GoProgram } from './go-program';
import type { Machine } from './machine';
import { downloadRelease } from './opentofu-release';
import { ChecksumMismatchError } from './toolchain-error';

/** The version that is downloaded or built. Any release of its minor version on the PATH is taken as it is. */
export const OPENTOFU_VERSION = '1.12.6';
const ACCEPTED = /^1\.12\.\d+$/;

interface FromPath {
  readonly path: string;
  readonly size: number;
  readonly modifiedMs: number;
}

const describeFile = (path: string): FromPath => {
  const { size, mtimeMs } = statSync(path);
  return { path, size, modifiedMs: mtimeMs };
};

const isSameFile = (known: FromPath): boolean => {
  try {
    const now = describeFile(known.path);
    return now.size === known.size && now.modifiedMs === known.modifiedMs;
  } catch {
    return false;
  }
};

const readMarker = (marker: string): FromPath | undefined => {
  try {
    return JSON.parse(readFileSync(marker, 'utf8')) as FromPath;
  } catch {
    return undefined;
  }
};

const versionOf = (versionJson: string): string => {
  // A warning about the user's own configuration may stand before the JSON.
  const json = /\{[\s\S]*\}/.exec(versionJson)?.[0] ?? '{}';
  try {
    return String((JSON.parse(json) as { terraform_version?: unknown }).terraform_version ?? '');
  } catch {
    return '';
  }
};

/** The user's own tofu when it is of the right version; asked once, and again when the file changes. */
const findOnPath = async (machine: Machine): Promise<string | undefined> => {
  const path = machine.find('tofu');
  if (!path) return undefined;
  const marker = join(machine.cacheDir, 'opentofu', 'from-path.json');
  const known = readMarker(marker);
  if (known && known.path === path && isSameFile(known)) return path;
  const { code, stdout } = await machine.run(path, ['version', '-json']);
  if (code !== 0 || !ACCEPTED.test(versionOf(stdout))) return undefined;
  mkdirSync(dirname(marker), { recursive: true });
  writeFileSync(`${marker}.${process.pid}`, JSON.stringify(describeFile(path)));
  renameSync(`${marker}.${process.pid}`, marker);
  return path;
};

const fromSource: GoProgram = {
  title: `OpenTofu ${OPENTOFU_VERSION}`,
  name: 'tofu',
  package: 'github.com/opentofu/opentofu/cmd/tofu',
  flags: ['-ldflags', '-s -w -X github.com/opentofu/opentofu/version.dev=no'],
  modules: 'opentofu',
  withoutGo: 'Install OpenTofu 1.12 (https://opentofu.org/docs/intro/install/) or Go 1.26.',
  duration: 'about ten minutes',
};

const obtain = async (machine: Machine, folder: string, note: (text: string) => void): Promise<void> => {
  let binary: Buffer | undefined;
  let reason = '';
  try {
    note('downloading the release');
    binary = await downloadRelease(machine, OPENTOFU_VERSION, folder);
  } catch (error) {
    // Bytes that are not the published ones are never worked around.
    if (error instanceof ChecksumMismatchError) throw error;
    reason = error instanceof Error ? error.message : String(error);
  }
  if (!binary) return buildGoProgram(machine, fromSource, folder, note, reason);
  writeFileSync(join(folder, 'tofu'), binary);
  chmodSync(join(folder, 'tofu'), 0o755);
};

/** The path of `tofu`: cached, the user's own, the signed release, or built from its pinned source. */
export const ensureOpenTofu = async (machine: Machine, progress: Progress): Promise<string> => {
  const folder = join(machine.cacheDir, 'opentofu', OPENTOFU_VERSION);
  const cached = join(folder, 'tofu');
  if (existsSync(cached)) return cached;
  const onPath = await findOnPath(machine);
  if (onPath) return onPath;
  await buildOnce(machine, progress, {
    folder,
    title: `OpenTofu ${OPENTOFU_VERSION}`,
    needsGigabytes: 3,
    build: (work, note) => obtain(machine, work, note),
  });
  return cached;
};
