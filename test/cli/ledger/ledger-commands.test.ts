import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { main } from '../../../cli/ledger/main';
import { sampleEntries, sampleKey, writeSampleTenant } from '../../../scripts/bench/sample-ledger';
import { signer } from '../../support/ledger-export';

let folder: string;
let said: { out: string; err: string };
const at = (...names: string[]) => join(folder, ...names);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-export-'));
  for (const [tenant, count] of [
    ['tenant-a', 12],
    ['tenant-b', 5],
  ] as const)
    writeSampleTenant(at('export'), {
      tenant,
      entries: sampleEntries(tenant, count),
      sizes: new Set([4, 10]),
      signer,
    });
  said = { out: '', err: '' };
  const hear = (stream: NodeJS.WriteStream, name: 'out' | 'err') =>
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      said[name] += String(text);
      return true;
    });
  hear(process.stdout, 'out');
  hear(process.stderr, 'err');
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const run = async (...argv: string[]): Promise<number> => {
  said = { out: '', err: '' };
  return main(argv);
};
const verify = (...more: string[]) => run('verify', at('export'), '--key', at('export', 'key.txt'), ...more);

test('an untouched export is whole, tenant by tenant', async () => {
  expect(await verify()).toBe(0);
  expect(said.out).toBe(
    '✔ tenant-a: 12 entries, the last of 2026-01-01T00:00:11.000Z; signed up to 10 (2 checkpoints)\n' +
      '  2 entries are chained and not signed yet: a later checkpoint will prove them.\n' +
      '✔ tenant-b: 5 entries, the last of 2026-01-01T00:00:04.000Z; signed up to 4 (1 checkpoint)\n' +
      '  1 entry is chained and not signed yet: a later checkpoint will prove them.\n',
  );
});

test('a break in one tenant leaves the others alone, and ends with 1', async () => {
  appendFileSync(at('export', 'tenant-a', 'entries.jsonl'), 'more\n');
  expect(await verify()).toBe(1);
  expect(said.out).toContain(
    '✖ tenant-a: broken\n  changed: Line 13, where entry 13 belongs, was changed: it is not JSON.',
  );
  expect(said.out).toContain('✔ tenant-b');
  expect(await verify('--json')).toBe(1);
  expect(
    said.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).verdict),
  ).toEqual(['broken', 'whole']);
});

test('what is not signed at all cannot be checked, and ends with 2', async () => {
  rmSync(at('export', 'tenant-b', 'checkpoints'), { recursive: true });
  expect(await verify()).toBe(2);
  expect(said.out).toContain(
    '? tenant-b: 5 entries, the last of 2026-01-01T00:00:04.000Z; nothing of it is signed',
  );
});

test.each<[what: string, prepare: () => string[], says: string]>([
  ['no folder', () => ['verify', at('nowhere'), '--key', at('export', 'key.txt')], 'cannot be read (ENOENT)'],
  [
    'an empty folder',
    () => {
      mkdirSync(at('empty'));
      return ['verify', at('empty'), '--key', at('export', 'key.txt')];
    },
    'There is nothing in this export',
  ],
  [
    'a foreign file',
    () => {
      writeFileSync(at('export', 'notes.doc'), '');
      return ['verify', at('export'), '--key', at('export', 'key.txt')];
    },
    'is no part of an export',
  ],
  [
    'a link',
    () => {
      rmSync(at('export', 'tenant-b', 'entries.jsonl'));
      symlinkSync('/etc/passwd', at('export', 'tenant-b', 'entries.jsonl'));
      return ['verify', at('export'), '--key', at('export', 'key.txt')];
    },
    'is no plain file',
  ],
  [
    'a key that is none',
    () => ['verify', at('export'), '--key', 'hello'],
    '--key is no key that can be used',
  ],
  [
    "a witness's key as the ledger's",
    () => ['verify', at('export'), '--key', at('export', 'key.txt'), '--witness', at('export', 'key.txt')],
    'It is the key of a ledger',
  ],
  [
    'a kept checkpoint that is none',
    () => {
      writeFileSync(at('kept'), 'hello\n');
      return ['verify', at('export'), '--key', at('export', 'key.txt'), '--checkpoint', at('kept')];
    },
    'is no checkpoint to go by',
  ],
  [
    'a file that is no proof',
    () => {
      writeFileSync(at('proof'), '{}');
      return ['verify', at('proof'), '--key', at('export', 'key.txt')];
    },
    'neither the folder of an export nor a proof',
  ],
])('%s cannot be checked, and ends with 2', async (_, prepare, says) => {
  expect(await run(...prepare())).toBe(2);
  expect(said.err).toContain(says);
});

test('what checkpoint prints is what an auditor keeps', async () => {
  expect(await run('checkpoint', at('export'), '--key', at('export', 'key.txt'))).toBe(0);
  writeFileSync(at('kept'), said.out);
  expect(said.out).toBe(
    readFileSync(at('export', 'tenant-a', 'checkpoints', '000000000010.txt'), 'utf8') +
      readFileSync(at('export', 'tenant-b', 'checkpoints', '000000000004.txt'), 'utf8'),
  );
  expect(await verify('--checkpoint', at('kept'))).toBe(0);
  expect(await verify('--checkpoint', at('export', 'tenant-a', 'checkpoints'))).toBe(0);
  rmSync(at('export', 'tenant-a', 'checkpoints', '000000000010.txt'));
  const lines = readFileSync(at('export', 'tenant-a', 'entries.jsonl'), 'utf8').split('\n');
  writeFileSync(at('export', 'tenant-a', 'entries.jsonl'), `${lines.slice(0, 6).join('\n')}\n`);
  expect(await verify()).toBe(0);
  expect(await verify('--checkpoint', at('kept'))).toBe(1);
  expect(said.out).toContain('here the chain ends after 6: the end was cut off');
});

test.each([
  ['--seq', '7'],
  ['--from', '4'],
  ['--from', '4', '--to', '10'],
])('a proof of %s %s is made and checked, and a changed one is refused', async (...what) => {
  const key = ['--key', at('export', 'key.txt')];
  expect(await run('prove', at('export'), '--tenant', 'tenant-a', ...what)).toBe(0);
  const proof = said.out;
  writeFileSync(at('proof'), proof);
  expect(await run('verify', at('proof'), ...key)).toBe(0);
  expect(said.out).toMatch(/^✔ tenant-a: /);
  const { hashes } = JSON.parse(proof) as { hashes: string[] };
  writeFileSync(at('proof'), proof.replace(hashes[0] ?? '', hashes[1] ?? ''));
  expect(await run('verify', at('proof'), ...key)).toBe(1);
  expect(said.err).toContain('The proof is false');
  const other = sampleKey('orchestrator.example.com/test');
  writeSampleTenant(at('other'), { tenant: 'x', entries: [], sizes: new Set(), signer: other });
  writeFileSync(at('proof'), proof);
  expect(await run('verify', at('proof'), '--key', at('other', 'key.txt'))).toBe(1);
  expect(said.err).toContain('has no signature by the key');
});

test.each([
  [['--seq', '11', '--tenant', 'tenant-a'], 'entry 11 is not signed yet'],
  [['--seq', '1'], 'name one with --tenant'],
  [['--seq', '1', '--tenant', 'x'], 'holds nothing of this tenant'],
  [
    ['--from', '5', '--tenant', 'tenant-a'],
    'no checkpoint of 5 entries of tenant-a; there are those of 4, 10',
  ],
  [['--from', '10', '--to', '4', '--tenant', 'tenant-a'], 'A ledger of 10 entries cannot grow to 4'],
])('what cannot be proven is said: %j', async (what, says) => {
  expect(await run('prove', at('export'), ...what)).toBe(2);
  expect(said.err).toContain(says);
});

test('a key in PEM or DER gets its name from --origin', async () => {
  const pem = `-----BEGIN PUBLIC KEY-----\n${Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), signer.key.publicKey]).toString('base64')}\n-----END PUBLIC KEY-----\n`;
  writeFileSync(at('key.pem'), pem);
  const origin = ['--origin', signer.key.name];
  expect(await run('verify', at('export'), '--key', at('key.pem'), ...origin)).toBe(0);
  expect(await run('verify', at('export'), '--key', at('key.pem'))).toBe(2);
  expect(said.err).toContain('has no name: give the origin');
  writeFileSync(at('key.der'), Buffer.from(pem.split('\n')[1] ?? '', 'base64'));
  expect(await run('verify', at('export'), '--key', at('key.der'), ...origin)).toBe(0);
});

const program = resolve(__dirname, '../../../cli/ledger/orchestrator-ledger.mjs');

test('the program of the package does the same', () => {
  const out = execFileSync(process.execPath, [
    program,
    'verify',
    at('export'),
    '--key',
    at('export', 'key.txt'),
  ]);
  expect(out.toString()).toContain('✔ tenant-a');
});

test('the program of the package gets as far as asking AWS', () => {
  const nobody = { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_REGION: 'us-east-1', AWS_MAX_ATTEMPTS: '1' };
  const { status, stderr } = spawnSync(process.execPath, [program, 'export', at('new'), '--env', 'poc'], {
    env: { PATH: process.env.PATH, ...nobody, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
  });
  expect([status, stderr.toString()]).toEqual([2, expect.stringContaining('ECONNREFUSED')]);
});
