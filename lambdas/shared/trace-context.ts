import { randomBytes } from 'node:crypto';

const pattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

/** The given W3C `traceparent` when it is valid, else a new, sampled trace: a bad header never fails a run. */
export const traceparentOrNew = (given: unknown): string => {
  if (typeof given === 'string') {
    const match = pattern.exec(given);
    if (match && !/^0+$/.test(match[1] ?? '') && !/^0+$/.test(match[2] ?? '')) return given;
  }
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
};
