import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** SHA-256 in lower-case hex. */
export const sha256Hex = (data: string | Uint8Array): string =>
  createHash('sha256').update(data).digest('hex');

/** RFC 8785 canonical JSON: the same value gives the same bytes everywhere. */
export const canonicalJson = (value: unknown): string => {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('only JSON values have a canonical form');
  return text;
};

/** SHA-256 of a value's canonical JSON. */
export const digestOf = (value: unknown): string => sha256Hex(canonicalJson(value));
