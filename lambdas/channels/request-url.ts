import { isIP } from 'node:net';
import { isPublicAddress } from '../shared/public-host';

/** What an address that we call must be, said of one that is not. */
export const urlProblem = (
  text: string,
  { loopback }: { readonly loopback: boolean },
): string | undefined => {
  // The parser drops tabs and line breaks in silence.
  if (text.length > 2048 || !/^[\x21-\x7e]+$/.test(text))
    return 'it must be printable ASCII, 2048 characters at most';
  if (!URL.canParse(text)) return 'it is no address';
  const { protocol, username, password, hostname, hash } = new URL(text);
  if (protocol !== 'https:' && !(loopback && protocol === 'http:')) return 'it must begin with https://';
  if (username !== '' || password !== '') return 'it must hold no user name or password';
  if (hash !== '') return 'it must hold no fragment';
  if (loopback && isLoopback(hostname)) return undefined;
  if (protocol !== 'https:') return 'it must begin with https://';
  if (hostname.startsWith('[') || (isIP(hostname) !== 0 && !isPublicAddress(hostname)))
    return `${hostname} is an address inside a network`;
  if (
    !hostname.includes('.') ||
    /(?:^|\.)(?:localhost|local|internal|localdomain|home\.arpa)\.?$/.test(hostname)
  )
    return `${hostname} is a name inside a network`;
  return undefined;
};

/** Whether a host is this machine itself; the only inner address that an emulated environment may call. */
export const isLoopback = (hostname: string): boolean =>
  isIP(hostname) === 4 ? hostname.startsWith('127.') : hostname === 'localhost';
