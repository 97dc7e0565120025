import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Progress } from '../progress';
import { buildOnce } from './build-once';
import { buildGoProgram } from './go-program';
import type { Machine } from './machine';
import { ChecksumMismatchError } from './toolchain-error';

/** Exactly this one: `policies/plan/capabilities.generated.json` is what it can do, less what rules must not. */
export const OPA_VERSION = '1.22.2';

const RELEASES = 'https://github.com/open-policy-agent/opa/releases/download';

/**
 * Downloads the release and checks it by the checksum that is published beside it.
 *
 * @throws ChecksumMismatchError when it is another; any other error means that it is not to be had
 */
const downloadRelease = async (machine: Machine): Promise<Buffer> => {
  const arch = machine.arch === 'x64' ? 'amd64' : machine.arch;
  const name = `opa_${machine.platform}_${arch}_static`;
  const published = (await machine.download(`${RELEASES}/v${OPA_VERSION}/${name}.sha256`)).toString('utf8');
  const binary = await machine.download(`${RELEASES}/v${OPA_VERSION}/${name}`);
  const actual = createHash('sha256').update(binary).digest('hex');
  if (published.trim().split(/\s+/)[0] !== actual)
    throw new ChecksumMismatchError(
      `${name} has the SHA-256 ${actual}, which is not the one published beside it. The download was discarded; try again.`,
    );
  return binary;
};

const obtain = async (machine: Machine, folder: string, note: (text: string) => void): Promise<void> => {
  try {
    note('downloading the release');
    writeFileSync(join(folder, 'opa'), await downloadRelease(machine), { mode: 0o755 });
  } catch (error) {
    // Bytes that are not the published ones are never worked around.
    if (error instanceof ChecksumMismatchError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    await buildGoProgram(
      machine,
      {
        title: `Open Policy Agent ${OPA_VERSION}`,
        name: 'opa',
        package: 'github.com/open-policy-agent/opa',
        flags: ['-tags', 'opa_no_oci', '-ldflags', '-s -w'],
        modules: 'opa',
        withoutGo: 'Install Go 1.26.',
        duration: 'about two minutes',
      },
      folder,
      note,
      reason,
    );
  }
};

/** The path of `opa`: cached, the release, or built from its pinned source. */
export const ensureOpa = async (machine: Machine, progress: Progress): Promise<string> => {
  const folder = join(machine.cacheDir, 'opa', OPA_VERSION);
  if (!existsSync(join(folder, 'opa')))
    await buildOnce(machine, progress, {
      folder,
      title: `Open Policy Agent ${OPA_VERSION}`,
      needsGigabytes: 2,
      build: (work, note) => obtain(machine, work, note),
    });
  return join(folder, 'opa');
};
