import { setTimeout as sleep } from 'node:timers/promises';
import { type Host, host } from '../../shared/contract';
import { HostError } from '../../shared/errors';
import type { HostAccess } from '../host-access';
import type { Ec2Api, Ec2Instance } from './ec2-api';

interface Ec2Options {
  readonly api: Ec2Api;
  /** User that Ansible signs in as; the image has it. */
  readonly user: string;
  /** @default 10 minutes: an instance shows its host keys some minutes after its first boot */
  readonly timeoutMs?: number;
  /** @default 10 seconds */
  readonly pollEveryMs?: number;
}

/** Instances carry it beside `Name`, the host's name. */
const workspaceTag = 'orchestrator:workspace';

/** Host keys as cloud-init prints them at the first boot: a place that nobody on the network can write. */
export const hostKeysIn = (consoleOutput: string): string[] => {
  const begin = consoleOutput.lastIndexOf('-----BEGIN SSH HOST KEY KEYS-----');
  const end = consoleOutput.indexOf('-----END SSH HOST KEY KEYS-----', begin);
  if (begin < 0 || end < 0) return [];
  const keys = consoleOutput
    .slice(begin, end)
    .matchAll(/(?:ssh-ed25519|ecdsa-sha2-nistp256|ssh-rsa) [A-Za-z0-9+/=]{20,1000}/g);
  return [...keys].map(([key]) => key);
};

/** Hosts that are EC2 instances: found by tag, let in through EC2 Instance Connect. */
export const makeEc2HostAccess = (options: Ec2Options): HostAccess => {
  const { api, user, timeoutMs = 600_000, pollEveryMs = 10_000 } = options;
  const toHost = async ({ id, name, privateAddress }: Ec2Instance): Promise<Host | undefined> => {
    const hostKeys = hostKeysIn(await api.consoleOutput(id));
    return hostKeys.length === 0
      ? undefined
      : host.parse({ name, address: privateAddress, port: 22, user, hostKeys, id });
  };
  const listHosts = async (workspace: string): Promise<Host[]> => {
    const instances = await api.runningInstances(workspaceTag, workspace);
    return (await Promise.all(instances.map(toHost))).filter((found) => found !== undefined);
  };

  return {
    listHosts,
    ensureHosts: async (workspace, hosts, signal) => {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        signal.throwIfAborted();
        const answering = new Map((await listHosts(workspace)).map((found) => [found.name, found]));
        const ready = hosts.flatMap(({ name }) => answering.get(name) ?? []);
        if (ready.length === hosts.length) return ready;
        if (Date.now() > deadline) {
          const late = hosts.filter(({ name }) => !answering.has(name)).map(({ name }) => name);
          throw new HostError(
            `These hosts of ${workspace} did not come up within ${timeoutMs / 1000} seconds: ${late.join(', ')}. Look at their system log in EC2.`,
          );
        }
        await sleep(pollEveryMs, undefined, { signal }).catch(() => signal.throwIfAborted());
      }
    },
    allowKey: (_workspace, { id, user: osUser }, publicKey) => api.sendKey(id, osUser, publicKey),
  };
};
