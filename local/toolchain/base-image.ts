import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Progress } from '../progress';
import { type AptSource, parseAptSources, renderAptSources, sourcesFor } from './apt-sources';
import { buildOnce } from './build-once';
import { type Machine, requireProgram } from './machine';
import { runOrExplain } from './run-or-explain';
import { UnsupportedMachineError } from './toolchain-error';

const RELEASE = 'bookworm';
/** Raise it when the image changes in a way that the list of packages does not show. */
const REVISION = 1;
const PACKAGES = [
  'systemd',
  'systemd-sysv',
  'dbus',
  'openssh-server',
  'python3-minimal',
  'python3-apt',
  'sudo',
  'iproute2',
  'ca-certificates',
  'unattended-upgrades',
  'auditd',
  'procps',
];

/** Refuses where hosts cannot run, and says what would be needed. */
export const assertHostsPossible = (machine: Pick<Machine, 'platform' | 'isRoot'>): void => {
  if (machine.platform !== 'linux')
    throw new UnsupportedMachineError(
      'The hosts are systemd-nspawn machines, which need Linux. Run the local platform on a Linux machine or in a Linux virtual machine.',
    );
  if (!machine.isRoot)
    throw new UnsupportedMachineError(
      'The hosts are systemd-nspawn machines, which need root. Run the same command with sudo, for example: sudo npm start',
    );
};

const readMachineSources = (): AptSource[] => {
  const folder = '/etc/apt/sources.list.d';
  const files = ['/etc/apt/sources.list'];
  if (existsSync(folder))
    files.push(
      ...readdirSync(folder)
        .filter((name) => /\.(list|sources)$/.test(name))
        .map((name) => join(folder, name)),
    );
  return files.filter(existsSync).flatMap((file) => parseAptSources(readFileSync(file, 'utf8')));
};

/** The machine's proxy for apt, which the hosts share its network with. */
const readAptProxy = async (machine: Machine): Promise<string> => {
  const aptConfig = machine.find('apt-config');
  if (!aptConfig) return '';
  const { stdout } = await machine.run(aptConfig, ['dump']);
  return stdout
    .split('\n')
    .filter((line) => /^Acquire::(http|https)::Proxy\b/i.test(line))
    .join('\n');
};

/** What must not be the same on two hosts, or is of no use on them. */
const clean = (root: string): void => {
  for (const name of readdirSync(join(root, 'etc/ssh')))
    if (name.startsWith('ssh_host_')) rmSync(join(root, 'etc/ssh', name));
  writeFileSync(join(root, 'etc/machine-id'), '');
  rmSync(join(root, 'var/lib/dbus/machine-id'), { force: true });
  for (const folder of ['var/cache/apt/archives', 'var/log/apt'])
    rmSync(join(root, folder), { recursive: true, force: true });
  mkdirSync(join(root, 'var/cache/apt/archives/partial'), { recursive: true });
  mkdirSync(join(root, 'var/log/apt'), { recursive: true });
};

const buildRoot = async (machine: Machine, folder: string, note: (text: string) => void): Promise<void> => {
  const root = join(folder, 'root');
  const sources = sourcesFor(RELEASE, readMachineSources());
  const mirror = sources.find(({ suite }) => suite === RELEASE)?.uri ?? '';
  const unshare = requireProgram(machine, 'unshare', 'It is part of util-linux.');
  const debootstrap = requireProgram(machine, 'debootstrap', 'Install the package debootstrap.');
  // In a mount namespace of its own, so that an interrupted build leaves no mount behind.
  await runOrExplain(
    machine,
    'Building the Debian image for hosts',
    unshare,
    ['--mount', debootstrap, '--variant=minbase', `--include=${PACKAGES.join(',')}`, RELEASE, root, mirror],
    {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
      onLine: (line) => note(line.replace(/^I: /, '').slice(0, 60)),
    },
  );
  rmSync(join(root, 'etc/apt/sources.list.d'), { recursive: true, force: true });
  mkdirSync(join(root, 'etc/apt/sources.list.d'));
  writeFileSync(join(root, 'etc/apt/sources.list'), renderAptSources(sources));
  const proxy = await readAptProxy(machine);
  if (proxy) writeFileSync(join(root, 'etc/apt/apt.conf.d/90proxy'), `${proxy}\n`);
  clean(root);
};

/** The folder of the Debian root that hosts start from, built once on this machine. */
export const ensureBaseImage = async (
  machine: Machine,
  progress: Progress,
  programsReady: () => Promise<void>,
): Promise<string> => {
  const recipe = JSON.stringify([RELEASE, REVISION, machine.arch, PACKAGES]);
  const digest = createHash('sha256').update(recipe).digest('hex').slice(0, 16);
  const folder = await buildOnce(machine, progress, {
    folder: join(machine.cacheDir, 'debian', digest),
    title: `Debian ${RELEASE} image for hosts`,
    needsGigabytes: 2,
    build: async (work, note) => {
      await programsReady();
      await buildRoot(machine, work, note);
    },
  });
  return join(folder, 'root');
};
