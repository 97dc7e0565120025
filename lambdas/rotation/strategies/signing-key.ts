import { randomBytes, timingSafeEqual } from 'node:crypto';
import { signingKeys, webhookSignature } from '../../channels/webhook-signature';
import { readSigned, signValue } from '../../identity/signed-value';
import { CredentialFormatError, CredentialRefusedError, MissingRightsError } from '../errors';
import type { Strategy } from '../strategy';

/** One way in which a key is written, and what is done with it. The text of a secret is the key: no JSON around it. */
interface Kind {
  readonly fits: (text: string) => boolean;
  readonly strength: (text: string) => number;
  readonly make: (like: string) => string;
  readonly sign: (key: string, what: string) => string;
}

const bits = 256;

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/**
 * A key of our pages: any line of characters that can be seen, as CloudFormation generates it, or a person puts it. (The
 * emulated CloudFormation generates punctuation although it is told not to.)
 */
const page: Kind = {
  fits: (text) => /^(?!whsec_)[!-~]{43,1024}$/.test(text) && !isJson(text),
  strength: () => bits,
  make: () => randomBytes(48).toString('base64url'),
  sign: (key, what) => signValue(key, 'rotation', what),
};

/** A key of Standard Webhooks, `whsec_…`, alone: two in one text are an exchange by hand that is under way. */
const webhook: Kind = {
  fits: (text) => {
    try {
      return text.trim().startsWith('whsec_') && signingKeys(text).length === 1;
    } catch {
      return false;
    }
  },
  strength: (text) => 8 * (signingKeys(text)[0]?.byteLength ?? 0),
  make: (like) => `whsec_${randomBytes(signingKeys(like)[0]?.byteLength ?? 32).toString('base64')}`,
  sign: (key, what) => webhookSignature(signingKeys(key), { id: 'rotation', timestamp: 0, body: what }),
};

const kindOf = (text: string): Kind => {
  const kind = [webhook, page].find(({ fits }) => fits(text));
  if (kind) return kind;
  throw new CredentialFormatError(
    'The secret holds no key that signing-key rotates: 43 characters or more without spaces, or one whsec_ with 24 to 64 bytes as base64. ' +
      'If two keys stand in it, finish that exchange first. Nothing was changed.',
  );
};

const isSame = (left: string, right: string): boolean =>
  left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));

/** Whether what `signer` signs is taken by somebody who holds `keys`, as consumers do it. */
const isTaken = (kind: Kind, signer: string, keys: readonly string[]): boolean => {
  const what = randomBytes(16).toString('hex');
  const signed = kind.sign(signer, what);
  return keys.some((key) =>
    kind === page ? readSigned(key, 'rotation', signed) === what : isSame(kind.sign(key, what), signed),
  );
};

/**
 * Keys that the product signs with and verifies against itself. The store is the target: consumers sign with what is
 * current and accept what is current and previous, so that labels alone bring a key into force, and out of it. Nobody
 * tells who still holds something signed; the overlap is as long as that may live.
 */
export const signingKey: Strategy = {
  name: 'signing-key',
  make: (current) => kindOf(current).make(current),
  set: async ({ current, pending }) => {
    kindOf(current);
    kindOf(pending);
  },
  test: async ({ current, pending }) => {
    const kind = kindOf(pending);
    if (kind !== kindOf(current))
      throw new CredentialRefusedError('The next key is of another kind than the present one.');
    if (kind.strength(pending) < kind.strength(current))
      throw new MissingRightsError('The next key is shorter than the present one.');
    // Before promotion and after it; a roll back is the same the other way round. The same key twice is one key.
    for (const signer of [current, pending])
      if (
        !isTaken(kind, signer, [current, pending]) ||
        (pending !== current && isTaken(kind, signer, [signer === pending ? current : pending]))
      )
        throw new CredentialRefusedError('What is signed with one of the two keys is not told apart.');
  },
  works: async (value) => {
    const kind = kindOf(value);
    return isTaken(kind, value, [value]);
  },
  users: async () => [],
  retire: async () => undefined,
};
