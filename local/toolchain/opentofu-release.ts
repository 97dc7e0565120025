import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Machine, requireProgram } from './machine';
import { runOrExplain } from './run-or-explain';
import { ChecksumMismatchError } from './toolchain-error';

/** The project's release key, as its installation guide and its own download library give it. */
export const OPENTOFU_KEY_FINGERPRINT = 'E3E6E43D84CB852EADB0051D0C0AF313E5FD9F80';
const KEY_URL = 'https://get.opentofu.org/opentofu.asc';

const archiveName = (machine: Machine, version: string): string => {
  const arch = machine.arch === 'x64' ? 'amd64' : machine.arch;
  return `tofu_${version}_${machine.platform}_${arch}.tar.gz`;
};

const GPG_HINT =
  'It checks the signature of the OpenTofu release. On Debian and Ubuntu: sudo apt-get install -y gnupg.';

/** Checks a detached signature against the one key, in a key ring that exists for this check alone. */
const verifySignature = async (
  machine: Machine,
  signed: { sums: Buffer; signature: Buffer; key: Buffer },
  fingerprint: string,
): Promise<void> => {
  const gpg = requireProgram(machine, 'gpg', GPG_HINT);
  // Sockets of gpg's agent live in its home, and their paths must be short.
  const home = mkdtempSync(join(tmpdir(), 'gpg-'));
  try {
    const file = (name: string, content: Buffer) => {
      writeFileSync(join(home, name), content);
      return join(home, name);
    };
    const base = ['--homedir', home, '--batch', '--no-autostart', '--quiet'];
    await runOrExplain(machine, 'Reading the OpenTofu key', gpg, [
      ...base,
      '--import',
      file('key', signed.key),
    ]);
    const files = [file('signature', signed.signature), file('sums', signed.sums)];
    const { stdout } = await machine.run(gpg, [...base, '--status-fd', '1', '--verify', ...files]);
    const valid = stdout
      .split('\n')
      .some((line) => line.startsWith('[GNUPG:] VALIDSIG ') && line.trim().endsWith(` ${fingerprint}`));
    if (!valid)
      throw new ChecksumMismatchError(
        `The checksums of the OpenTofu release are not signed by the key ${fingerprint}. The download was discarded; try again later, and report it if it persists.`,
      );
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
};

const verifyChecksum = (sums: string, name: string, archive: Buffer): void => {
  const expected = sums
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(([, file]) => file === name)?.[0];
  const actual = createHash('sha256').update(archive).digest('hex');
  if (expected !== actual)
    throw new ChecksumMismatchError(
      `${name} has the SHA-256 ${actual}, but the release's checksums say ${expected ?? 'nothing about it'}. The download was discarded; try again.`,
    );
};

/**
 * Downloads the release, checks the checksums' signature and the archive's checksum, and returns the binary.
 *
 * @throws ChecksumMismatchError when signature or checksum are wrong; any other error means that it is not to be had
 */
export const downloadRelease = async (
  machine: Machine,
  version: string,
  workFolder: string,
  fingerprint: string = OPENTOFU_KEY_FINGERPRINT,
): Promise<Buffer> => {
  const base = `https://github.com/opentofu/opentofu/releases/download/v${version}`;
  const name = archiveName(machine, version);
  // The small files first: an unreachable host is noticed before anything large is asked for.
  const sums = await machine.download(`${base}/tofu_${version}_SHA256SUMS`);
  const signature = await machine.download(`${base}/tofu_${version}_SHA256SUMS.gpgsig`);
  const key = await machine.download(KEY_URL);
  await verifySignature(machine, { sums, signature, key }, fingerprint);
  const archive = await machine.download(`${base}/${name}`);
  verifyChecksum(sums.toString('utf8'), name, archive);

  const unpacked = join(workFolder, 'release');
  mkdirSync(unpacked, { recursive: true });
  try {
    writeFileSync(join(unpacked, name), archive);
    const args = ['-xzf', join(unpacked, name), '-C', unpacked, 'tofu'];
    await runOrExplain(machine, 'Unpacking OpenTofu', 'tar', args);
    return readFileSync(join(unpacked, 'tofu'));
  } finally {
    rmSync(unpacked, { recursive: true, force: true });
  }
};
