import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, closeSync, constants, mkdirSync, openSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HostError } from '../../lambdas/shared/errors';
import { plainText } from '../../lambdas/shared/plain-text';
import { awaitHost } from './await-host';
import { type HostDriver, HostsUnavailableError, type Machine } from './host-driver';
import { type HostRecord, type HostSize, isHostSize } from './host-record';
import { type MachineCgroup, makeMachineCgroup } from './machine-cgroup';
import { GUEST_FOLDER, writeMachineFiles, writeMetadata, writePlaceFiles } from './machine-files';
import { authorizeKeys } from './ssh-keys';
import { writeFileAtomically } from './write-file-atomically';

export interface NspawnDriverOptions {
  /** Root of the Debian image that every machine is a layer over; empty where there is none. */
  readonly baseImageDir: string;
  readonly operator: { readonly identityFile: string; readonly publicKey: string };
  /** Each machine's console goes to `<logDir>/<machine>.log`. */
  readonly logDir: string;
  /** @default 30 seconds */
  readonly bootTimeoutMs?: number;
  /** @default 10 seconds, then it is ended by force */
  readonly powerOffTimeoutMs?: number;
}

interface Running {
  readonly child: ChildProcess;
  readonly exited: Promise<void>;
  readonly cgroup: MachineCgroup;
}

const BOOT_SCRIPT = join(__dirname, 'boot-machine.sh');
const CONSOLE_LINES = 12;
const TOOLS = {
  'systemd-nspawn': 'systemd-container',
  unshare: 'util-linux',
  setpriv: 'util-linux',
  mount: 'mount',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
};

/**
 * What a machine goes without. What is left is what systemd needs to boot services and to switch itself off.
 * There is no `--private-users`: machines share the network, and the kernel gives ports below 1024 of it only to
 * processes of the namespace that owns it; nor can an overlay be mounted with mapped ids.
 */
const DROPPED_CAPABILITIES = [
  'CAP_AUDIT_CONTROL',
  'CAP_AUDIT_READ',
  'CAP_IPC_OWNER',
  'CAP_LEASE',
  'CAP_LINUX_IMMUTABLE',
  'CAP_MKNOD',
  'CAP_NET_BROADCAST',
  'CAP_NET_RAW',
  'CAP_SYS_MODULE',
  'CAP_SYS_PACCT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
];

const findTool = (name: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/**
 * Asks nspawn, the one child of the process that holds its namespaces, which hands it on to the machine.
 *
 * @returns whether there was somebody to ask
 */
const requestShutdown = ({ pid }: ChildProcess): boolean => {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return children !== '' && process.kill(Number(children.split(' ')[0]), 'SIGTERM');
  } catch {
    // It has ended, or will be ended by force.
    return false;
  }
};

const knownHostOf = ({ address, port }: HostRecord): string =>
  port === 22 ? address : `[${address}]:${port}`;

const sizeOf = ({ record }: Machine): HostSize => {
  const { name, size } = record.planned;
  if (!isHostSize(size)) throw new HostError(`The host ${name} has the unknown size "${size}".`);
  return size;
};

/** Hosts as systemd-nspawn machines: a layer over the base image, its own systemd, the network of this machine. */
export const makeNspawnDriver = (options: NspawnDriverOptions): HostDriver => {
  const { operator, logDir } = options;
  const running = new Map<string, Running>();
  const logFileOf = ({ record }: Machine) => join(logDir, `${record.machine}.log`);

  const assertAvailable = async (): Promise<void> => {
    if (process.platform !== 'linux' || process.getuid?.() !== 0)
      throw new HostsUnavailableError(
        'Hosts are systemd machines, which only root on Linux can boot. Run this as root on a Linux machine.',
      );
    const missing = Object.entries(TOOLS).filter(([tool]) => !findTool(tool));
    if (missing.length > 0)
      throw new HostsUnavailableError(
        `Hosts need ${missing.map(([tool]) => tool).join(', ')}. Install: apt-get install ${[...new Set(missing.map(([, debianPackage]) => debianPackage))].join(' ')}`,
      );
    if (options.baseImageDir === '')
      throw new HostsUnavailableError('The base image for hosts was not set up. Run npm start once.');
  };

  const run = (machine: Machine, cgroup: MachineCgroup): Running => {
    const { record, directory } = machine;
    mkdirSync(logDir, { recursive: true });
    const log = openSync(logFileOf(machine), 'w', 0o600);
    const boot = [
      'systemd-nspawn',
      '--quiet',
      `--directory=${join(directory, 'merged')}`,
      `--machine=${record.machine}`,
      `--hostname=${record.planned.name}`,
      '--register=no',
      '--keep-unit',
      '--boot',
      '--console=read-only',
      '--resolv-conf=replace-host',
      '--timezone=off',
      '--link-journal=no',
      `--drop-capability=${DROPPED_CAPABILITIES.join(',')}`,
      `--bind-ro=${join(directory, 'guest').replaceAll(/[\\:]/g, '\\$&')}:${GUEST_FOLDER}`,
    ];
    const script = [BOOT_SCRIPT, String(process.pid), options.baseImageDir, ...cgroup.folders, '--', ...boot];
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...script], {
      cwd: directory,
      stdio: ['ignore', log, log],
      env: { PATH: process.env.PATH, LANG: 'C.UTF-8' },
    });
    closeSync(log);
    const exited = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
    const started = { child, exited, cgroup };
    running.set(record.machine, started);
    void exited.then(() => {
      if (running.get(record.machine) === started) running.delete(record.machine);
      cgroup.remove();
    });
    return started;
  };

  const powerOff = async ({ record }: Machine): Promise<void> => {
    const machine = running.get(record.machine);
    if (!machine) return;
    const deadline = Date.now() + (options.powerOffTimeoutMs ?? 10_000);
    const exitedWithin = (limit: number) =>
      Promise.race([machine.exited.then(() => true), sleep(limit, false, { ref: false })]);
    // While it starts there is nobody to ask yet; a second request to one that was asked would cut its power.
    while (!requestShutdown(machine.child) && Date.now() < deadline) if (await exitedWithin(50)) return;
    await exitedWithin(Math.max(0, deadline - Date.now()));
    machine.child.kill('SIGKILL');
    await machine.exited;
  };

  const lastConsoleLines = (machine: Machine): string => {
    let text = '';
    try {
      text = readFileSync(logFileOf(machine), 'utf8');
    } catch {
      // It never got as far as a console.
    }
    const lines = text
      .replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, '')
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '');
    return lines
      .slice(-CONSOLE_LINES)
      .map((line) => plainText(line.trimEnd(), 200))
      .join('\n');
  };

  const applyChange = async (machine: Machine, cgroup: MachineCgroup): Promise<void> => {
    const enforced = cgroup.limit(sizeOf(machine));
    await writeMetadata(machine.directory, machine.record, enforced);
  };

  return {
    assertAvailable,
    create: async (machine) => {
      await assertAvailable();
      return writeMachineFiles(machine.directory, options.baseImageDir, machine.record);
    },
    boot: async (machine) => {
      await assertAvailable();
      const { record, directory } = machine;
      if (running.has(record.machine)) return;
      const cgroup = makeMachineCgroup(record.machine);
      await writePlaceFiles(directory, record);
      await authorizeKeys(directory, operator.publicKey, null, new Date());
      await applyChange(machine, cgroup);
      const knownHostsFile = join(directory, 'known_hosts');
      const entries = record.hostKeys.map((key) => `${knownHostOf(record)} ${key}\n`);
      await writeFileAtomically(knownHostsFile, entries.join(''));
      const { exited } = run(machine, cgroup);
      const giveUp = new AbortController();
      const timer = setTimeout(() => giveUp.abort(), options.bootTimeoutMs ?? 30_000);
      void exited.then(() => giveUp.abort());
      const login = { identityFile: operator.identityFile, knownHostsFile };
      const answers = await awaitHost(record, login, giveUp.signal);
      clearTimeout(timer);
      if (answers) return;
      const how = running.has(record.machine) ? 'did not answer on SSH in time' : 'ended while it booted';
      await powerOff(machine);
      throw new HostError(
        `The host ${record.planned.name} ${how}. The end of its console:\n${lastConsoleLines(machine)}`,
      );
    },
    change: async (machine) => {
      const found = running.get(machine.record.machine);
      if (found) await applyChange(machine, found.cgroup);
    },
    allowKey: ({ directory }, publicKey, until) =>
      authorizeKeys(directory, operator.publicKey, { publicKey, until }, new Date()),
    powerOff,
    destroy: async (machine) => {
      await powerOff(machine);
      makeMachineCgroup(machine.record.machine).remove();
    },
    isRunning: ({ record }) => running.has(record.machine),
  };
};
