import { randomBytes, randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { z } from 'zod';
import { HostError, InvalidInputError } from '../../lambdas/shared/errors';
import { writeFileAtomically } from './write-file-atomically';

/** Where a host's sshd and services listen. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** No place for a host: the address that was asked for, or every one, is taken. */
export class AddressInUseError extends HostError {}

/** What tells this clone from every other one on the same machine. Made once, kept in its state. */
export const hostInstance = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{6}$/),
  /** Second and third byte of its addresses. */
  network: z.tuple([z.int().min(64).max(254), z.int().min(0).max(255)]),
});
export type HostInstance = z.infer<typeof hostInstance>;

/** Reads the clone's identity, or draws one. */
export const loadHostInstance = async (file: string): Promise<HostInstance> => {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text !== null) return hostInstance.parse(JSON.parse(text));
  const instance: HostInstance = {
    id: randomBytes(3).toString('hex'),
    network: [randomInt(64, 255), randomInt(0, 256)],
  };
  await writeFileAtomically(file, `${JSON.stringify(instance)}\n`);
  return instance;
};

/** Whether nobody listens there, neither on that address nor on all of them. */
export type PortProbe = (address: string, port: number) => Promise<boolean>;

/** Tries to listen, which is the only question that the kernel answers truly. */
export const probePort: PortProbe = (address, port) =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve(true)));
  });

/** A machine with an sshd on all of its addresses has 22 taken on ours too: the host then listens elsewhere. */
const SSH_PORTS = [22, 2222, 22022, 42022];
const HTTP_PORT = 80;
const given = /^127(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;

/**
 * Says what is wrong with an address that a module asks for.
 *
 * @throws InvalidInputError when no host can have it
 */
export const assertLoopbackAddress = (address: string): void => {
  if (!given.test(address) || address.startsWith('127.0.0.') || address === '127.255.255.255')
    throw new InvalidInputError(
      `A host on this machine cannot have the address "${address}". Give a loopback address 127.x.y.z outside 127.0.0.0/24, or none.`,
    );
};

/**
 * Finds where a new host can listen.
 *
 * @param wanted an address that was asked for, or null for the next free one
 * @param taken addresses that hosts of this clone have already
 * @throws AddressInUseError when the address, or every one, is taken
 */
export const findEndpoint = async (
  instance: HostInstance,
  wanted: string | null,
  taken: ReadonlySet<string>,
  probe: PortProbe,
): Promise<Endpoint> => {
  if (wanted !== null) {
    if (taken.has(wanted))
      throw new AddressInUseError(
        `The address ${wanted} belongs to another host. Choose another one, or none.`,
      );
    const endpoint = await endpointAt(wanted, probe);
    if (!endpoint)
      throw new AddressInUseError(
        `The address ${wanted} is in use on this machine (port ${HTTP_PORT} or ${SSH_PORTS[0]}). Choose another one, or none.`,
      );
    return endpoint;
  }
  let refused = 0;
  for (let last = 1; last <= 254; last += 1) {
    const address = `127.${instance.network[0]}.${instance.network[1]}.${last}`;
    if (taken.has(address)) continue;
    const endpoint = await endpointAt(address, probe);
    if (endpoint) return endpoint;
    refused += 1;
    // A listener on all addresses refuses every one of them.
    if (refused === 8) break;
  }
  throw new AddressInUseError(
    refused > 0
      ? `No address is free for another host: a process on this machine listens on port ${HTTP_PORT} of all addresses. Stop it, or bind it to one address.`
      : 'No address is free for another host: this clone has 254 hosts already.',
  );
};

const endpointAt = async (address: string, probe: PortProbe): Promise<Endpoint | null> => {
  if (!(await probe(address, HTTP_PORT))) return null;
  for (const port of SSH_PORTS) if (await probe(address, port)) return { address, port };
  return null;
};
