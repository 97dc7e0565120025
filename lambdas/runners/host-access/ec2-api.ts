import { DescribeInstancesCommand, EC2Client, GetConsoleOutputCommand } from '@aws-sdk/client-ec2';
import { EC2InstanceConnectClient, SendSSHPublicKeyCommand } from '@aws-sdk/client-ec2-instance-connect';
import { HostError } from '../../shared/errors';

/** A running instance, as far as it is read. */
export interface Ec2Instance {
  readonly id: string;
  readonly name: string;
  readonly privateAddress: string;
}

/** The few calls that reaching instances takes. */
export interface Ec2Api {
  runningInstances(tag: string, value: string): Promise<Ec2Instance[]>;
  /** What the instance printed since its boot; empty until EC2 has it. */
  consoleOutput(id: string): Promise<string>;
  /** Lets a key in for 60 seconds. */
  sendKey(id: string, user: string, publicKey: string): Promise<void>;
}

/** Imported by name, so that a bundle holds these few calls of EC2 and not all. */
export const makeEc2Api = (): Ec2Api => {
  const ec2 = new EC2Client({});
  const instanceConnect = new EC2InstanceConnectClient({});
  return {
    runningInstances: async (tag, value) => {
      const found: Ec2Instance[] = [];
      let next: string | undefined;
      do {
        const page = await ec2.send(
          new DescribeInstancesCommand({
            Filters: [
              { Name: `tag:${tag}`, Values: [value] },
              { Name: 'instance-state-name', Values: ['running'] },
            ],
            ...(next ? { NextToken: next } : {}),
          }),
        );
        for (const instance of (page.Reservations ?? []).flatMap(({ Instances }) => Instances ?? []))
          if (instance.InstanceId && instance.PrivateIpAddress)
            found.push({
              id: instance.InstanceId,
              name: instance.Tags?.find(({ Key }) => Key === 'Name')?.Value ?? '',
              privateAddress: instance.PrivateIpAddress,
            });
        next = page.NextToken;
      } while (next);
      return found;
    },
    consoleOutput: async (id) => {
      const { Output } = await ec2.send(new GetConsoleOutputCommand({ InstanceId: id }));
      return Buffer.from(Output ?? '', 'base64').toString('utf8');
    },
    sendKey: async (id, user, publicKey) => {
      const { Success } = await instanceConnect.send(
        new SendSSHPublicKeyCommand({
          InstanceId: id,
          InstanceOSUser: user,
          SSHPublicKey: publicKey,
        }),
      );
      if (!Success) throw new HostError(`EC2 Instance Connect let no key in on ${id}.`);
    },
  };
};
