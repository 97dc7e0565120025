import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createProgress } from '../../local/progress';
import { ensureGoTools } from '../../local/toolchain/go-tools';
import { thisMachine } from '../../local/toolchain/machine';

jest.setTimeout(600_000);
const root = join(__dirname, '../..');
let gitleaks: string;
let folder: string;
beforeAll(async () => {
  const [tools] = await ensureGoTools(thisMachine(), createProgress());
  gitleaks = join(tools ?? '', 'gitleaks');
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What our configuration finds in these files: rule and file. */
const scan = (files: Record<string, string>): Promise<string[]> => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const report = join(folder, 'report.json');
  const config = join(root, '.gitleaks.toml');
  const args = [
    'dir',
    '.',
    '--no-banner',
    '--redact',
    '-c',
    config,
    '-f',
    'json',
    '-r',
    report,
    '--exit-code',
    '0',
  ];
  return new Promise((done, fail) =>
    execFile(gitleaks, args, { cwd: folder }, (error) =>
      error
        ? fail(error)
        : done(
            (JSON.parse(readFileSync(report, 'utf8')) as { RuleID: string; File: string }[])
              .map(({ RuleID, File }) => `${RuleID} ${File}`)
              .sort(),
          ),
    ),
  );
};

// Put together here, so that this file itself holds no secret.
const accessKey = ['AKIA', 'Q3EGVLCZXYHM5R7T'].join('');
const token = ['ghp', '9f8Kd02LmQxZ7vRtYb3NcWs5HjGpUa1EoTi6'].join('_');
const privateKey = [
  '-----BEGIN RSA PRIVATE',
  ` KEY-----\n${'MIIEowIBAAKCAQEA7bq9'.repeat(6)}\n-----END RSA PRIVATE KEY-----`,
].join('');

test('a planted secret is found, wherever it is', async () => {
  expect(
    await scan({
      'lib/config/environments/prod.ts': `export const key = '${accessKey}';\n`,
      'docs/guide.md': `Use the token ${token}.\n`,
      'ansible/roles/one/files/id_rsa': `${privateKey}\n`,
    }),
  ).toEqual([
    'aws-access-token lib/config/environments/prod.ts',
    'github-pat docs/guide.md',
    'private-key ansible/roles/one/files/id_rsa',
  ]);
});

test('the public key of a signed note is none, the private one is', async () => {
  const pair = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
  expect(await scan({ 'docs/key.ts': `const key = '${pair}';\n` })).toEqual([]);
  expect(await scan({ 'docs/key.ts': `const key = 'PRIVATE+KEY+${pair}';\n` })).toEqual([
    'generic-api-key docs/key.ts',
  ]);
});

test('what is allowed is one value: another in the same place is found', async () => {
  const allowed = '8f742231b10e8888abcd99yyyzzz85a5';
  const path = 'test/lambdas/channels/slack-interactions.test.ts';
  expect(await scan({ [path]: `const secret = '${allowed}';\n` })).toEqual([]);
  const other = [...allowed].reverse().join('');
  expect(await scan({ [path]: `const secret = '${other}';\n` })).toEqual([`generic-api-key ${path}`]);
});
