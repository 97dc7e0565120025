import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Machine, thisMachine } from '../../../local/toolchain/machine';
import { downloadRelease } from '../../../local/toolchain/opentofu-release';
import { ChecksumMismatchError } from '../../../local/toolchain/toolchain-error';

/** A release that a key of our own has signed: the real gpg, and no network. */
let folder: string;
let fingerprint: string;
let files: Map<string, Buffer>;

const NAME = 'tofu_1.12.6_linux_amd64.tar.gz';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rel-'));
  const home = join(folder, 'gpg');
  mkdirSync(home, { mode: 0o700 });
  const gpg = (...args: string[]) =>
    execFileSync('gpg', ['--homedir', home, '--batch', '--quiet', '--passphrase', '', ...args], {
      encoding: 'buffer',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  gpg('--quick-generate-key', 'releases@example.org', 'ed25519', 'sign', 'never');
  fingerprint = /^fpr:+([0-9A-F]+):/m.exec(gpg('--with-colons', '--list-keys').toString())?.[1] ?? '';
  writeFileSync(join(folder, 'tofu'), 'the binary');
  execFileSync('tar', ['-czf', join(folder, NAME), '-C', folder, 'tofu']);
  const archive = readFileSync(join(folder, NAME));
  const sums = join(folder, 'sums');
  writeFileSync(sums, `${createHash('sha256').update(archive).digest('hex')}  ${NAME}\n`);
  files = new Map([
    ['tofu_1.12.6_SHA256SUMS', readFileSync(sums)],
    ['tofu_1.12.6_SHA256SUMS.gpgsig', gpg('--detach-sign', '--output', '-', sums)],
    ['opentofu.asc', gpg('--armor', '--export')],
    [NAME, archive],
  ]);
  execFileSync('gpgconf', ['--homedir', home, '--kill', 'all']);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const machineServing = (changed: Record<string, Buffer> = {}): Machine => ({
  ...thisMachine(),
  platform: 'linux',
  arch: 'x64',
  download: async (url) => {
    const name = url.split('/').at(-1) ?? '';
    const content = changed[name] ?? files.get(name);
    if (!content) throw new Error(`${url} answered 404`);
    return content;
  },
});

const download = (machine: Machine, key = fingerprint) => {
  const work = mkdtempSync(join(folder, 'work-'));
  return downloadRelease(machine, '1.12.6', work, key).finally(() => expect(readdirSync(work)).toEqual([]));
};

test('a signed release is unpacked', async () => {
  expect((await download(machineServing())).toString()).toBe('the binary');
});

test('an archive with another checksum is refused', async () => {
  const machine = machineServing({ [NAME]: Buffer.from('something else') });
  await expect(download(machine)).rejects.toThrow(ChecksumMismatchError);
  await expect(download(machine)).rejects.toThrow(`${NAME} has the SHA-256`);
});

test('checksums that were changed after they were signed are refused', async () => {
  const machine = machineServing({ 'tofu_1.12.6_SHA256SUMS': Buffer.from('0'.repeat(64)) });
  await expect(download(machine)).rejects.toThrow('are not signed by the key');
});

test('checksums that another key has signed are refused', async () => {
  await expect(download(machineServing(), 'E3E6E43D84CB852EADB0051D0C0AF313E5FD9F80')).rejects.toThrow(
    ChecksumMismatchError,
  );
});

test('a release that cannot be reached is no mismatch', async () => {
  const machine: Machine = { ...machineServing(), download: () => Promise.reject(new Error('fetch failed')) };
  await expect(download(machine)).rejects.toThrow('fetch failed');
});
