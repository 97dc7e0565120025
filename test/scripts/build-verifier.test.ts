import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildVerifier } from '../../scripts/build-verifier';

const example = join(__dirname, '../../docs/examples/ledger');
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'build-verifier-'));
  await buildVerifier(join(folder, 'verifier.cjs'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('the verifier in one file needs nothing beside it', () => {
  const key = join(example, 'key.txt');
  const said = execFileSync(process.execPath, ['verifier.cjs', 'verify', example, '--key', key], {
    cwd: folder,
  });
  expect(said.toString()).toMatch(/^✔ demo: 3 entries/);
});

test('it says that it cannot export', () => {
  const { status, stderr } = spawnSync(process.execPath, ['verifier.cjs', 'export', 'out', '--env', 'poc'], {
    cwd: folder,
  });
  expect([status, stderr.toString()]).toEqual([
    2,
    expect.stringContaining('export needs the clients of AWS'),
  ]);
});
