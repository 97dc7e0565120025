import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildRotate } from '../../scripts/build-rotate';
import { makeRole } from '../support/approle';
import { type OpenBaoServer, startOpenBao } from '../support/openbao-server';

jest.setTimeout(300_000);
const id = 'apps/checkout';
let folder: string;
let server: OpenBaoServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rotate-command-'));
  server = await startOpenBao();
  await buildRotate(join(folder, 'orchestrator-rotate.cjs'));
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const rotate = (login: object, ...args: readonly string[]) => {
  const file = join(folder, 'openbao-login');
  writeFileSync(file, JSON.stringify(login), { mode: 0o600 });
  return new Promise<{ code: number; lines: Record<string, unknown>[]; said: string }>((done) => {
    execFile(
      process.execPath,
      [join(folder, 'orchestrator-rotate.cjs'), ...args],
      {
        env: {
          PATH: process.env.PATH,
          BAO_ADDR: server.tlsAddress,
          NODE_EXTRA_CA_CERTS: server.certificateFile,
          CREDENTIALS_DIRECTORY: folder,
        },
      },
      (error, stdout, stderr) => {
        const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
        done({
          code: error ? Number(error.code) : 0,
          lines: lines.map((line) => JSON.parse(line)),
          said: stdout + stderr,
        });
      },
    );
  });
};

test('a pass over TLS rotates what was asked for, tells it without secrets, and bad calls change nothing', async () => {
  const login = { token: server.rootToken };
  const value = JSON.parse(await makeRole(server, 'checkout'));
  await server.root.call('POST', `secret/data/${id}`, { data: value });
  const tags = { 'rotation-strategy': 'vault-approle', 'rotation-days': '30', owner: 'team-checkout' };
  await server.root.call('POST', `secret/metadata/${id}`, { custom_metadata: tags });
  const current = async () =>
    ((await server.root.call('GET', `secret/data/${id}`)) as { data: { data: { secret_id: string } } }).data
      .data.secret_id;

  const dry = await rotate(login, '--dry-run');
  expect(dry.code).toBe(0);
  expect(dry.lines).toEqual([expect.objectContaining({ credential: id, would: 'nothing' })]);
  expect((await rotate(login)).lines).toContainEqual(
    expect.objectContaining({ credential: id, outcome: 'not-due' }),
  );
  expect(await current()).toBe(value.secret_id);

  const forced = await rotate(login, id);
  expect(forced.code).toBe(0);
  expect(forced.lines).toContainEqual(expect.objectContaining({ credential: id, outcome: 'draining' }));
  const next = await current();
  expect(next).not.toBe(value.secret_id);
  for (const secret of [value.secret_id, next, server.rootToken]) expect(forced.said).not.toContain(secret);

  for (const [args, sentence] of [
    [['--mount', 'old'], 'KV version 1'],
    [['--mount', 'nowhere'], 'no engine mounted at nowhere'],
    [['--address', 'http://bao.example.org'], 'Name the server'],
    [['--login', '/nowhere'], 'cannot be read (ENOENT)'],
  ] as const) {
    const refused = await rotate(login, ...args);
    expect([refused.code, refused.said]).toEqual([2, expect.stringContaining(sentence)]);
  }
  const unknown = await rotate({ role_id: 'none', secret_id: 'none-that-anybody-knows' });
  expect([unknown.code, unknown.said]).toEqual([2, expect.stringContaining('is refused')]);
  expect(unknown.said).not.toContain('none-that-anybody-knows');
  await server.seal();
  expect(await rotate(login)).toMatchObject({ code: 2, said: expect.stringContaining('sealed') });
  expect(await rotate(login, '--help')).toMatchObject({ code: 0 });
});
