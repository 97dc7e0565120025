import { mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Host } from '../lambdas/shared/contract';
import { writeFileAtomically } from './hosts/write-file-atomically';

export interface SshAccessOptions {
  readonly stateDir: string;
  readonly workspace: string;
  readonly hosts: readonly Host[];
  /** The key that lets the person who runs the platform into its hosts. */
  readonly identityFile: string;
}

/**
 * Writes what `ssh` needs to know about a workspace's hosts (address, port, key, host keys), so that the command is
 * short and asks nothing.
 *
 * @returns the command per host name
 */
export const writeSshAccess = async (options: SshAccessOptions): Promise<ReadonlyMap<string, string>> => {
  const { stateDir, workspace, hosts, identityFile } = options;
  const folder = join(stateDir, 'ssh', workspace);
  const knownHosts = join(folder, 'known_hosts');
  const config = join(folder, 'config');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFileAtomically(
    knownHosts,
    hosts.flatMap(({ name, hostKeys }) => hostKeys.map((key) => `${name} ${key}\n`)).join(''),
  );
  await writeFileAtomically(
    config,
    hosts.map((host) => `${configOf(host, identityFile, knownHosts).join('\n')}\n`).join('\n'),
  );
  const shown = shortPath(config);
  return new Map(hosts.map(({ name }) => [name, `ssh -F ${quoted(shown)} ${name}`]));
};

const configOf = (host: Host, identityFile: string, knownHosts: string): readonly string[] => [
  `Host ${host.name}`,
  `  HostName ${host.address}`,
  `  HostKeyAlias ${host.name}`,
  `  Port ${host.port}`,
  `  User ${host.user}`,
  `  IdentityFile "${identityFile}"`,
  '  IdentitiesOnly yes',
  `  UserKnownHostsFile "${knownHosts}"`,
  '  GlobalKnownHostsFile none',
  '  StrictHostKeyChecking yes',
];

/** As one would type it from here, unless that climbs out of the folder. */
const shortPath = (path: string): string => {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
};

const quoted = (path: string): string =>
  /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
