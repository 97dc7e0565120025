import { z } from 'zod';
import { type Host, plannedHost } from '../../lambdas/shared/contract';
import { segment } from '../../lambdas/shared/names';

/** What a size means on this machine. Memory in MiB, processors in whole or part CPUs. */
export const hostSizes = {
  small: { memoryMebibytes: 512, cpus: 1 },
  medium: { memoryMebibytes: 1024, cpus: 2 },
  large: { memoryMebibytes: 2048, cpus: 4 },
} as const;
export type HostSize = keyof typeof hostSizes;

export const isHostSize = (size: string): size is HostSize => Object.hasOwn(hostSizes, size);

/** The account that people and Ansible log in with. */
export const hostUser = 'ops';

/** What the controller remembers of one host, as `host.json`. */
export const hostRecord = z.strictObject({
  /**
   * `creating` and `destroying` are never left by an orderly end: the next start removes what they name.
   * A host that is `ready` has been up once and is booted by every start.
   */
  phase: z.enum(['creating', 'ready', 'destroying']),
  tenant: segment,
  workspace: segment,
  planned: plannedHost,
  /** The loopback address that it has, given or assigned. */
  address: z.ipv4(),
  /** Where its sshd listens; 22 unless something else on this machine holds that port on every address. */
  port: z.int().min(1).max(65535),
  /** Unique on this machine, other clones included. */
  machine: z.string().regex(/^po-[0-9a-f]{6}-[0-9a-f]{8}$/),
  hostKeys: z.array(z.string().max(1024)),
});
export type HostRecord = z.infer<typeof hostRecord>;

/** The host as the runner gets it. */
export const hostOf = (record: HostRecord): Host => ({
  name: record.planned.name,
  address: record.address,
  port: record.port,
  user: hostUser,
  hostKeys: record.hostKeys,
  id: record.machine,
});
