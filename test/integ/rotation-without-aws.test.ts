import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { makeOpenBaoJournal } from '../../lambdas/rotation/openbao/journal';
import { openKvEntries } from '../../lambdas/rotation/openbao/kv-entries';
import { makeControllerHostAccess } from '../../lambdas/runners/host-access/controller';
import type { Host } from '../../lambdas/shared/contract';
import { createProgress } from '../../local/progress';
import { type Platform, startSupervisor, stopPlatform } from '../../local/supervisor/client';
import { ensureOpenBao, ensureToolchain } from '../../local/toolchain/toolchain';
import { makeRole } from '../support/approle';
import { type OpenBaoServer, startOpenBao } from '../support/openbao-server';
import { sshCommand } from '../support/ssh-command';

jest.setTimeout(180_000);
const run = promisify(execFile);
const repository = resolve(__dirname, '../..');
const guide = readFileSync(join(repository, 'docs/guides/rotation-without-aws.md'), 'utf8');
const blocks = (kind: string): string[] =>
  [...guide.matchAll(new RegExp(`\`\`\`${kind}\n([^\`]+)\`\`\``, 'g'))].map(([, text = '']) => text);
const [build = '', tag = '', install = ''] = blocks('sh tried');
const [rotatorPolicy = '', checkoutPolicy = ''] = blocks('hcl');

const folder = mkdtempSync(join(tmpdir(), 'without-aws-'));
const stateDir = join(folder, 'state');
let server: OpenBaoServer;
let platform: Platform;
let bao: string;
let host: Host;

beforeAll(async () => {
  const progress = createProgress({ write: () => true });
  const toolchain = await ensureToolchain(progress, { needHosts: true });
  bao = await ensureOpenBao(progress);
  [server, platform] = await Promise.all([
    startOpenBao(),
    startSupervisor({ stateDir, keep: false, toolchain }),
  ]);
  const access = makeControllerHostAccess({
    url: platform.hostControllerUrl,
    tokenFile: platform.hostControllerTokenFile,
  });
  const planned = {
    name: 'rotator',
    address: null,
    size: 'small',
    tags: {},
    owner: 'ops@example.org',
    expiresAt: null,
  };
  const [made] = await access.ensureHosts('acme/rotator', [planned], new AbortController().signal);
  if (!made) throw new Error('no host');
  host = made;
}, 300_000);
afterAll(async () => {
  await stopPlatform(stateDir);
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** As somebody types it, beside the repository's files. */
const type = (lines: string, env: Readonly<Record<string, string>> = {}) =>
  run('sh', ['-euc', lines], { cwd: repository, env: { ...process.env, ...env } });

const onHost = async (command: string, input?: string | Buffer): Promise<string> => {
  const identity = join(stateDir, 'ssh', 'id_ed25519');
  const { code, stdout } = await sshCommand(host, `sudo sh -euc '${command}'`, {
    identity,
    ...(input !== undefined && { input }),
  });
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${stdout}`);
  return stdout;
};

const signsIn = async (login: { role_id: string; secret_id: string }): Promise<boolean> => {
  const { role_id, secret_id } = login;
  return server.root
    .as(undefined)
    .call('POST', 'auth/approle/login', { role_id, secret_id })
    .then(
      () => true,
      () => false,
    );
};

test('built, tagged, allowed and installed as the guide says, the timer of a machine that was off rotates at once', async () => {
  await type(build);
  const first = JSON.parse(await makeRole(server, 'checkout', checkoutPolicy));
  await server.root.call('POST', 'secret/data/apps/checkout', { data: first });
  const env = {
    PATH: [dirname(bao), process.env.PATH].join(delimiter),
    BAO_ADDR: server.address,
    BAO_TOKEN: server.rootToken,
  };
  await type(tag, env);
  // Neither waits for an hour, nor for a month.
  await type('bao kv metadata patch -mount=secret -custom-metadata=rotation-overlap=0 apps/checkout', env);
  const rotator = JSON.parse(await makeRole(server, 'rotator', rotatorPolicy));
  const { role_id, secret_id } = rotator;
  const asRotator = server.root.as(await server.tokenWith(rotatorPolicy));
  await makeOpenBaoJournal(await openKvEntries(asRotator, 'secret')).write({
    id: 'apps/checkout',
    consumers: [],
    attempts: 0,
    revision: 0,
    lastRotatedAt: '2020-01-01T00:00:00.000Z',
  });

  const files = join(folder, 'files');
  await run('mkdir', [files]);
  for (const name of ['service', 'timer'])
    copyFileSync(
      join(repository, `deploy/systemd/orchestrator-rotate.${name}`),
      join(files, `orchestrator-rotate.${name}`),
    );
  copyFileSync(join(repository, '.build/orchestrator-rotate.cjs'), join(files, 'orchestrator-rotate.cjs'));
  writeFileSync(join(files, 'openbao-login'), JSON.stringify({ role_id, secret_id }), { mode: 0o600 });
  copyFileSync(server.certificateFile, join(files, 'ca.pem'));
  const packed = await run('tar', ['-C', files, '-c', '.'], {
    encoding: 'buffer',
    maxBuffer: 64 * 1024 * 1024,
  });
  await onHost('mkdir -p /root/files && tar -C /root/files --no-same-owner -x', packed.stdout);
  await onHost('cat > /usr/bin/node && chmod 755 /usr/bin/node', readFileSync(process.execPath));
  // The authority is the test's own; the stamp says that the last pass was long ago, and no share of the hour is waited.
  await onHost('install -D -m 0644 /root/files/ca.pem /etc/orchestrator-rotate/ca.pem');
  await onHost('mkdir -p /var/lib/systemd/timers /etc/systemd/system/orchestrator-rotate.timer.d');
  await onHost('touch -d 2020-01-01 /var/lib/systemd/timers/stamp-orchestrator-rotate.timer');
  await onHost(
    'cat > /etc/systemd/system/orchestrator-rotate.timer.d/at-once.conf',
    '[Timer]\nRandomizedDelaySec=0\n',
  );
  const lines = install
    .replace('https://openbao.example.org:8200', server.tlsAddress)
    .replace(
      'systemctl daemon-reload',
      'echo NODE_EXTRA_CA_CERTS=/etc/orchestrator-rotate/ca.pem >> /etc/orchestrator-rotate/rotate.env\nsystemctl daemon-reload',
    );
  await onHost(`cd /root/files\n${lines}`);
  const units =
    '/etc/systemd/system/orchestrator-rotate.service /etc/systemd/system/orchestrator-rotate.timer';
  expect(await onHost(`systemd-analyze verify ${units} 2>&1`)).toBe('');
  expect(await onHost('systemctl is-enabled orchestrator-rotate.timer')).toBe('enabled');

  // The line that a pass ends with.
  await onHost(
    'timeout 60 sh -c "until journalctl -q -u orchestrator-rotate -o cat | grep -q pass-ended; do sleep 0.2; done"',
  );
  const said = await onHost('journalctl -q -u orchestrator-rotate -o cat');
  const told = said.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  expect(told).toContainEqual(expect.objectContaining({ credential: 'apps/checkout', outcome: 'completed' }));
  expect(told).toContainEqual(expect.objectContaining({ event: 'pass-ended', credentials: 1, troubled: 0 }));
  const answer = await server.root.call('GET', 'secret/data/apps/checkout');
  const next = (answer as { data: { data: typeof first } }).data.data;
  expect(next.secret_id).not.toBe(first.secret_id);
  expect([await signsIn(first), await signsIn(next)]).toEqual([false, true]);
  for (const secret of [first.secret_id, next.secret_id, secret_id]) expect(said).not.toContain(secret);
  expect(await onHost('systemctl show -P Result orchestrator-rotate.service')).toBe('success');
});
