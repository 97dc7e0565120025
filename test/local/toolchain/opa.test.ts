import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Machine, thisMachine } from '../../../local/toolchain/machine';
import { ensureOpa, OPA_VERSION } from '../../../local/toolchain/opa';
import { ChecksumMismatchError, MissingToolError } from '../../../local/toolchain/toolchain-error';

const progress = {
  step: <T>(_: string, run: (note: () => void) => Promise<T>) => run(() => undefined),
  line: () => undefined,
};
const binary = Buffer.from('the binary');
const checksum = createHash('sha256').update(binary).digest('hex');

let cacheDir: string;
beforeEach(() => {
  cacheDir = mkdtempSync(join(tmpdir(), 'opa-'));
});
afterEach(() => rmSync(cacheDir, { recursive: true, force: true }));

const machineServing = (published: string | undefined, more: Partial<Machine> = {}): Machine => ({
  ...thisMachine(),
  cacheDir,
  platform: 'linux',
  arch: 'x64',
  freeBytes: async () => 100 * 1024 ** 3,
  download: async (url) => {
    if (published === undefined) throw new Error(`${url} cannot be reached`);
    return url.endsWith('/opa_linux_amd64_static.sha256') ? Buffer.from(published) : binary;
  },
  ...more,
});

test('the release is taken when it has the published checksum, and kept', async () => {
  const path = await ensureOpa(machineServing(`${checksum}  opa_linux_amd64_static\n`), progress);
  expect(path).toBe(join(cacheDir, 'opa', OPA_VERSION, 'opa'));
  expect(readFileSync(path)).toEqual(binary);
  expect(await ensureOpa(machineServing(undefined), progress)).toBe(path);
});

test('a release with another checksum is refused, and not worked around', async () => {
  const done = ensureOpa(machineServing('0'.repeat(64)), progress);
  await expect(done).rejects.toThrow(ChecksumMismatchError);
  expect(readdirSync(join(cacheDir, 'opa'))).toEqual([]);
});

test('without a release it is built from its pinned source', async () => {
  const built: string[] = [];
  const machine = machineServing(undefined, {
    find: (program) => `/usr/bin/${program}`,
    run: async (program, args, options) => {
      if (program === '/usr/bin/go') {
        built.push(...readdirSync(options?.cwd ?? ''), options?.env?.CGO_ENABLED ?? '');
        writeFileSync(args[args.indexOf('-o') + 1] ?? '', 'built');
      }
      return { code: 0, stdout: '', tail: '' };
    },
  });
  expect(readFileSync(await ensureOpa(machine, progress), 'utf8')).toBe('built');
  expect(built).toEqual(['go.mod', 'go.sum', '0']);
});

test('without a release and without Go it says what to install', async () => {
  const done = ensureOpa(machineServing(undefined, { find: () => undefined }), progress);
  await expect(done).rejects.toThrow(MissingToolError);
  await expect(done).rejects.toThrow('Install Go 1.26.');
});
