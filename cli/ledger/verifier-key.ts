import { createPublicKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import {
  NoteError,
  parseVerifierKey,
  rawPublicKey,
  type VerifierKey,
} from '../../lambdas/ledger-proof/checkpoint';
import { InvalidInputError } from '../../lambdas/shared/errors';
import { UsageError } from '../usage-error';

const isText = (bytes: Buffer): boolean => !bytes.includes(0);

const rawKeyIn = (bytes: Buffer): Buffer => {
  if (!isText(bytes)) return rawPublicKey(bytes);
  const key = createPublicKey(bytes.toString('utf8'));
  return rawPublicKey(key.export({ format: 'der', type: 'spki' }));
};

/**
 * The key that `--key` or `--witness` names: written out (`name+hash+base64`), in a file, or as a public key in PEM or
 * DER, which has no name and gets it from `--origin`.
 *
 * @throws InvalidInputError when it is no such key
 */
export const readKey = (
  given: string,
  { kind, origin }: { readonly kind: VerifierKey['kind']; readonly origin: string | null },
): VerifierKey => {
  const option = kind === 'log' ? '--key' : '--witness';
  try {
    const bytes = existsSync(given) ? readFileSync(given) : Buffer.from(given);
    const text = isText(bytes) ? bytes.toString('utf8').trim() : '';
    const isNamed = text !== '' && !text.startsWith('-----BEGIN');
    if (!isNamed && origin === null)
      throw new UsageError(
        `The public key of ${option} has no name: give the origin of the ledger with --origin, e.g. orchestrator.example.com/prod.`,
      );
    const key = isNamed ? parseVerifierKey(text) : { name: origin ?? '', kind, publicKey: rawKeyIn(bytes) };
    if (key.kind !== kind)
      throw new NoteError(`It is the key of a ${key.kind === 'log' ? 'ledger' : 'witness'}.`);
    return key;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const why = error instanceof NoteError ? error.message : 'It can be read neither as a key nor as a file.';
    throw new InvalidInputError(`${option} is no key that can be used. ${why}`, { cause: error });
  }
};
