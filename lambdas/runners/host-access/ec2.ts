import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeInstancesCommand,
  type EC2Client,
  GetConsoleOutputCommand,
  type Instance,
} from '@aws-sdk/client-ec2';
import type { EC2InstanceConnectClient } from '@aws-sdk/client-ec2-instance-connect';
import { SendSSHPublicKeyCommand } from '@aws-sdk/client-ec2-instance-connect';
import type { Host } from '../../shared/contract';
import { HostError } from '../../shared/errors';
import type { HostAccess } from '../host-access';

interface Ec2Options {
  readonly ec2: Pick<EC2Client, 'send'>;
  readonly instanceConnect: Pick<EC2InstanceConnectClient, 'send'>;
  /** User that Ansible signs in as; the image has it. */
  readonly user: string;
  /** @default 10 minutes: an instance shows its host keys some minutes after its first boot */
  readonly timeoutMs?: number;
  /** @default 10 seconds */
  readonly pollEveryMs?: number;
}

/** Instances carry these tags: the module `vm` sets them. */
const workspaceTag = 'orchestrator:workspace';

const nameOf = (instance: Instance): string => instance.Tags?.find(({ Key }) => Key === 'Name')?.Value ?? '';

/** Host keys as cloud-init prints them at the first boot: the one place that an attacker in between cannot write. */
export const hostKeysIn = (consoleOutput: string): string[] => {
  const block =
    /-----BEGIN SSH HOST KEY KEYS-----([\s\S]*?)-----END SSH HOST KEY KEYS-----/.exec(consoleOutput)?.[1] ??
    '';
  return [...block.matchAll(/(?:ssh-ed25519|ecdsa-sha2-nistp256|ssh-rsa) [A-Za-z0-9+/=]+/g)].map(
    ([key]) => key,
  );
};

/** Hosts that are EC2 instances: found by tag, let in through EC2 Instance Connect. */
export const makeEc2HostAccess = (options: Ec2Options): HostAccess => {
  const { ec2, user, timeoutMs = 600_000, pollEveryMs = 10_000 } = options;

  const describe = async (workspace: string): Promise<Instance[]> => {
    const instances: Instance[] = [];
    let NextToken: string | undefined;
    do {
      const page = await ec2.send(
        new DescribeInstancesCommand({
          Filters: [
            { Name: `tag:${workspaceTag}`, Values: [workspace] },
            { Name: 'instance-state-name', Values: ['running'] },
          ],
          ...(NextToken ? { NextToken } : {}),
        }),
      );
      instances.push(...(page.Reservations ?? []).flatMap(({ Instances }) => Instances ?? []));
      NextToken = page.NextToken;
    } while (NextToken);
    return instances;
  };
  const toHost = async (instance: Instance): Promise<Host | undefined> => {
    const { InstanceId: id, PrivateIpAddress: address } = instance;
    if (!id || !address) return undefined;
    const { Output } = await ec2.send(new GetConsoleOutputCommand({ InstanceId: id }));
    const hostKeys = hostKeysIn(Buffer.from(Output ?? '', 'base64').toString('utf8'));
    return hostKeys.length === 0
      ? undefined
      : { name: nameOf(instance), address, port: 22, user, hostKeys, id };
  };
  const listHosts = async (workspace: string): Promise<Host[]> =>
    (await Promise.all((await describe(workspace)).map(toHost))).filter((host) => host !== undefined);

  return {
    listHosts,
    ensureHosts: async (workspace, hosts, signal) => {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        signal.throwIfAborted();
        const answering = new Map((await listHosts(workspace)).map((host) => [host.name, host]));
        const ready = hosts.flatMap(({ name }) => answering.get(name) ?? []);
        if (ready.length === hosts.length) return ready;
        if (Date.now() > deadline) {
          const late = hosts.filter(({ name }) => !answering.has(name)).map(({ name }) => name);
          throw new HostError(
            `These hosts of ${workspace} did not come up in ${timeoutMs / 1000} seconds: ${late.join(', ')}. Look at their system log in EC2.`,
          );
        }
        await sleep(pollEveryMs, undefined, { signal }).catch(() => signal.throwIfAborted());
      }
    },
    allowKey: async (_workspace, { id, user: osUser }, publicKey) => {
      await options.instanceConnect.send(
        new SendSSHPublicKeyCommand({ InstanceId: id, InstanceOSUser: osUser, SSHPublicKey: publicKey }),
      );
    },
  };
};
