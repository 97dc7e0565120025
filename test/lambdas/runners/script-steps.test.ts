import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { mainFile, readScript } from '../../../lambdas/runners/script-content';

jest.setTimeout(60_000);

const root = resolve(__dirname, '../../..');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'script-steps-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** As the docs say how a script runs without the orchestrator. */
const runAlone = async (name: string, parameters: unknown) => {
  const { manifest } = await readScript(root, name);
  const files = {
    PARAMETERS_FILE: join(folder, 'parameters.json'),
    RESULT_FILE: join(folder, 'result.json'),
  };
  writeFileSync(files.PARAMETERS_FILE, JSON.stringify(parameters));
  const command = { python: ['python3', '-I'], shell: ['bash'], powershell: ['pwsh', '-File'] }[
    manifest.interpreter
  ];
  const child = spawn(
    command[0] ?? '',
    [...command.slice(1), join(root, 'script-steps', name, mainFile[manifest.interpreter])],
    { env: { PATH: process.env.PATH, ...files } },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, said, result: () => JSON.parse(readFileSync(files.RESULT_FILE, 'utf8')) };
};

const serve = async (status: number) => {
  const server = createServer((_, answer) => answer.writeHead(status).end());
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return { server, port: (server.address() as AddressInfo).port };
};

test.each([
  ['too many files', 33, 1],
  ['a file that is too long to be read by a person', 1, 57 * 1024],
  ['more than a page holds', 6, 50 * 1024],
])('a script with %s is refused, and what an approver can be shown is said', async (_, files, bytes) => {
  const script = join(folder, 'script-steps', 'large');
  mkdirSync(script, { recursive: true });
  for (let file = 0; file < files; file++) writeFileSync(join(script, `part-${file}.py`), '"'.repeat(bytes));
  await expect(readScript(folder, 'large')).rejects.toThrow(
    /large cannot be used: .*an approver can be shown 32 files of 56 KiB each and 256 KiB together\. Make it smaller/,
  );
});

test('http-probe succeeds on the wanted status and tells which it got otherwise', async () => {
  const { server, port } = await serve(404);
  try {
    const url = `http://127.0.0.1:${port}/`;
    const good = await runAlone('http-probe', { url, status: 404 });
    expect(good).toMatchObject({ code: 0 });
    expect(good.result()).toEqual({ status: 404, tries: 1 });
    const bad = await runAlone('http-probe', { url, tries: 1 });
    expect(bad).toMatchObject({
      code: 1,
      said: expect.stringMatching(/try 1: 404\n.* never answered with 200/),
    });
  } finally {
    server.close();
  }
});

test('http-probe takes no other kind of address', async () => {
  expect(await runAlone('http-probe', { url: 'file:///etc/passwd' })).toMatchObject({ code: 2 });
});

test('certificate-expiry tells each address that presents no certificate it may trust', async () => {
  const { server, port } = await serve(200);
  try {
    const { code, result } = await runAlone('certificate-expiry', {
      addresses: [`127.0.0.1:${port}`, 'no-port'],
    });
    expect(code).toBe(1);
    expect(result().certificates).toEqual([
      { address: `127.0.0.1:${port}`, error: expect.any(String) },
      { address: 'no-port', error: expect.any(String) },
    ]);
  } finally {
    server.close();
  }
});
