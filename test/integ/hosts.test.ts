import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeControllerHostAccess } from '../../lambdas/runners/host-access/controller';
import type { Host, PlannedHost } from '../../lambdas/shared/contract';
import { generateKey } from '../../local/hosts/ssh-keys';
import { createProgress } from '../../local/progress';
import {
  findRunningPlatform,
  type Platform,
  PlatformBusyError,
  startSupervisor,
  stopPlatform,
} from '../../local/supervisor/client';
import { readPlatformFile } from '../../local/supervisor/platform-file';
import { ensureToolchain, type Toolchain } from '../../local/toolchain/toolchain';
import { sshCommand } from '../support/ssh-command';

jest.setTimeout(180_000);

const stateDir = mkdtempSync(join(tmpdir(), 'platform-'));
let toolchain: Toolchain;
let platform: Platform;

const planned: PlannedHost = {
  name: 'web-1',
  address: null,
  size: 'small',
  tags: { tier: 'web' },
  owner: 'ops@example.org',
  expiresAt: null,
};

beforeAll(async () => {
  toolchain = await ensureToolchain(createProgress({ write: () => true }), {
    needHosts: true,
  });
  platform = await startSupervisor({ stateDir, keep: false, toolchain });
});
afterAll(async () => {
  await stopPlatform(stateDir);
  rmSync(stateDir, { recursive: true, force: true });
});

const access = () =>
  makeControllerHostAccess({ url: platform.hostControllerUrl, tokenFile: platform.hostControllerTokenFile });

/** The hosts of the workspace after making them these. */
const ensure = (...hosts: PlannedHost[]): Promise<readonly Host[]> =>
  access().ensureHosts('acme/web', hosts, new AbortController().signal);

const ssh = (host: Host, command: string, given: { identity?: string; user?: string } = {}) =>
  sshCommand(host, command, { identity: join(stateDir, 'ssh', 'id_ed25519'), ...given });

/** Processes and mounts of this machine that belong to our state. */
const leftovers = (): string[] => {
  const found: string[] = [];
  for (const pid of readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && Number(name) !== process.pid,
  )) {
    try {
      const text =
        readFileSync(`/proc/${pid}/cmdline`, 'utf8') + readFileSync(`/proc/${pid}/mountinfo`, 'utf8');
      if (text.includes(stateDir)) found.push(`process ${pid}: ${text.slice(0, 200).replaceAll('\0', ' ')}`);
    } catch {
      // It ended while we looked.
    }
  }
  return found;
};

const awaitNothingLeft = async (): Promise<string[]> => {
  const deadline = Date.now() + 15_000;
  while (leftovers().length > 0 && Date.now() < deadline) await sleep(100);
  return leftovers();
};

test('a host boots as a real machine and lets its operator in, and nobody else', async () => {
  const [host] = await ensure(planned);
  if (!host) throw new Error('no host');
  expect(await ssh(host, 'hostname; sudo id -u; systemctl is-system-running')).toEqual({
    code: 0,
    stdout: 'web-1\n0\nrunning',
  });
  expect((await ssh(host, 'true', { user: 'root' })).code).toBe(255);
  const listening = await ssh(host, 'ss -Hltn "sport = :22" | awk \'{print $4}\'');
  expect(listening.stdout.split('\n')).toContain(`${host.address}:22`);
  // Root in the machine can make no device of the machine underneath.
  expect((await ssh(host, 'sudo mknod /tmp/disk b 8 0')).code).not.toBe(0);
});

test('a pushed key opens new connections until it expires', async () => {
  const [host] = await ensure(planned);
  if (!host) throw new Error('no host');
  const identity = join(stateDir, 'pushed-key');
  const publicKey = await generateKey(identity, 'run');
  expect((await ssh(host, 'true', { identity })).code).toBe(255);
  await access().allowKey('acme/web', host, publicKey);
  const pushedAt = Date.now();
  expect((await ssh(host, 'true', { identity })).code).toBe(0);
  const keys = await ssh(host, 'cat /etc/orchestrator/authorized-keys/ops');
  const expiry = /expiry-time="(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z"/.exec(keys.stdout);
  const [year = 0, month = 1, ...rest] = (expiry ?? []).slice(1).map(Number);
  const seconds = (Date.UTC(year, month - 1, ...(rest as [number])) - pushedAt) / 1000;
  expect(seconds).toBeGreaterThan(57);
  expect(seconds).toBeLessThan(61);
  await sleep(pushedAt + 61_500 - Date.now());
  expect((await ssh(host, 'true', { identity })).code).toBe(255);
  expect((await ssh(host, 'true')).code).toBe(0);
});

test('a host changes its size and tags while it runs', async () => {
  const [host] = await ensure(planned);
  if (!host) throw new Error('no host');
  const bootId = (await ssh(host, 'systemctl show -P UserspaceTimestampMonotonic')).stdout;
  expect(await ensure({ ...planned, size: 'medium', tags: { tier: 'db' } })).toEqual([host]);
  const metadata = JSON.parse((await ssh(host, 'cat /etc/orchestrator/host.json')).stdout);
  expect(metadata).toMatchObject({ size: 'medium', tags: { tier: 'db' }, owner: 'ops@example.org' });
  expect((await ssh(host, 'systemctl show -P UserspaceTimestampMonotonic')).stdout).toBe(bootId);
});

test('another command on the same state is told, not mixed in', async () => {
  await expect(startSupervisor({ stateDir, keep: false, toolchain })).rejects.toThrow(PlatformBusyError);
  expect((await findRunningPlatform(stateDir))?.gatewayUrl).toBe(platform.gatewayUrl);
});

test('a killed supervisor leaves no process and no mount, and the next start boots its hosts again', async () => {
  const [host] = await ensure({ ...planned, size: 'medium', tags: { tier: 'db' } });
  if (!host) throw new Error('no host');
  await ssh(host, 'sudo touch /var/lib/survives');
  const running = await readPlatformFile(stateDir);
  if (!running) throw new Error('no platform');
  expect(leftovers().length).toBeGreaterThan(0);
  process.kill(running.supervisor.pid, 'SIGKILL');
  expect(await awaitNothingLeft()).toEqual([]);
  expect(await findRunningPlatform(stateDir)).toBeNull();

  const before = platform;
  platform = await startSupervisor({ stateDir, keep: false, toolchain });
  // The same links and settings stay good.
  expect(platform).toMatchObject({ gatewayUrl: before.gatewayUrl, inboxUrl: before.inboxUrl });
  expect(await access().listHosts('acme/web')).toEqual([host]);
  expect((await ssh(host, 'test -e /var/lib/survives')).code).toBe(0);
});

test('a destroyed host leaves neither process nor file', async () => {
  expect(await ensure()).toEqual([]);
  expect(existsSync(join(stateDir, 'hosts', 'workspaces', 'acme', 'web', 'web-1'))).toBe(false);
});

test('a platform dies in order with the command that started it', async () => {
  await platform.stop();
  expect(await awaitNothingLeft()).toEqual([]);
  const program = `
    const { startSupervisor } = require(${JSON.stringify(join(__dirname, '../../local/supervisor/client.ts'))});
    startSupervisor(${JSON.stringify({ stateDir, keep: false, toolchain })}).then(() => console.log('up'));
    setTimeout(() => undefined, 60000);`;
  const parent = spawn(process.execPath, ['--require', require.resolve('tsx/cjs'), '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => parent.stdout.once('data', resolve));
  expect(await findRunningPlatform(stateDir)).not.toBeNull();
  parent.kill('SIGKILL');
  expect(await awaitNothingLeft()).toEqual([]);
});

test('a kept platform is shared by later starts and ends when it is stopped', async () => {
  const first = await startSupervisor({ stateDir, keep: true, toolchain });
  const second = await startSupervisor({ stateDir, keep: false, toolchain });
  expect(second).toMatchObject({ reused: true, gatewayUrl: first.gatewayUrl });
  expect(await stopPlatform(stateDir)).toBe(true);
  expect(await awaitNothingLeft()).toEqual([]);
  expect(await stopPlatform(stateDir)).toBe(false);
});

test('of two starts at once, one brings the platform up and the other uses it', async () => {
  const both = await Promise.all([
    startSupervisor({ stateDir, keep: true, toolchain }),
    startSupervisor({ stateDir, keep: true, toolchain }),
  ]);
  expect(both.map(({ reused }) => reused).sort()).toEqual([false, true]);
  expect(both[0].gatewayUrl).toBe(both[1].gatewayUrl);
  await stopPlatform(stateDir);
  expect(await awaitNothingLeft()).toEqual([]);
});
