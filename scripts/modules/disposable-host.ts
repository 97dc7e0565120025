import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Machine } from '../../local/hosts/host-driver';
import { probePort } from '../../local/hosts/loopback-addresses';
import { makeNspawnDriver } from '../../local/hosts/nspawn-driver';
import { ensureOperatorKey } from '../../local/hosts/ssh-keys';

/** A real Debian machine that nobody else uses, and how to reach it. */
export interface DisposableHost {
  /** Fresh; removed with the host. */
  readonly folder: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly identityFile: string;
  readonly knownHostsFile: string;
  /** Switches the machine off and leaves nothing. */
  destroy(): Promise<void>;
}

/** Boots a machine for one test. Needs root, as the hosts of the local platform do. */
export const bootDisposableHost = async (baseImageDir: string): Promise<DisposableHost> => {
  const folder = await mkdtemp(join(tmpdir(), 'disposable-host-'));
  const identityFile = join(folder, 'operator');
  const publicKey = await ensureOperatorKey(identityFile);
  const driver = makeNspawnDriver({
    baseImageDir,
    operator: { identityFile, publicKey },
    logDir: join(folder, 'logs'),
  });
  await driver.assertAvailable();
  const directory = join(folder, 'host');
  await mkdir(directory);
  const [a, b, c] = randomBytes(3);
  const address = `127.${100 + ((a ?? 0) % 100)}.${b}.${1 + ((c ?? 0) % 250)}`;
  const port = (await probePort(address, 22)) ? 22 : 2222;
  const planned: Machine = {
    directory,
    record: {
      phase: 'creating',
      tenant: 'test',
      workspace: 'roles',
      planned: { name: 'web-1', address: null, size: 'small', tags: {}, owner: 'test', expiresAt: null },
      address,
      port,
      machine: `po-${randomBytes(3).toString('hex')}-${randomBytes(4).toString('hex')}`,
      hostKeys: [],
    },
  };
  const destroy = async (): Promise<void> => {
    await driver.destroy(planned);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const { hostKeys } = await driver.create(planned);
    const machine = { ...planned, record: { ...planned.record, hostKeys } };
    await driver.boot(machine);
    const known = port === 22 ? address : `[${address}]:${port}`;
    const knownHostsFile = join(folder, 'known_hosts');
    await writeFile(knownHostsFile, hostKeys.map((key) => `${known} ${key}\n`).join(''));
    return { folder, address, port, user: 'ops', identityFile, knownHostsFile, destroy };
  } catch (error) {
    await destroy();
    throw error;
  }
};
