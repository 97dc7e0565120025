import { lookup } from 'node:dns/promises';
import { BlockList, isIPv4 } from 'node:net';
import { InvalidInputError, SourceUnavailableError } from './errors';

const inner = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  inner.addSubnet(network, bits, 'ipv4');

/** Whether an address is one that the whole internet could mean: no private, link-local or metadata one. */
export const isPublicAddress = (address: string): boolean => isIPv4(address) && !inner.check(address, 'ipv4');

/** The address at which a host is asked; whoever asks it uses exactly this one. */
export type ResolveHost = (host: string) => Promise<string>;

/**
 * @throws InvalidInputError when any of the host's addresses is no public one; SourceUnavailableError when it has none.
 */
export const resolvePublicHost: ResolveHost = async (host) => {
  const found = await lookup(host, { all: true, family: 4 }).catch(() => []);
  const first = found[0];
  if (!first)
    throw new SourceUnavailableError(
      `The host ${host} has no IPv4 address that can be found from here. Check its spelling, and that this network resolves it; then try again.`,
    );
  if (!found.every(({ address }) => isPublicAddress(address)))
    throw new InvalidInputError(
      `The host ${host} has an address inside a network; only public ones are asked.`,
    );
  return first.address;
};
