import {
  NoteError,
  parseCheckpoint,
  parseNote,
  signersOf,
  type VerifierKey,
} from '../../lambdas/ledger-proof/checkpoint';
import { segmentPattern } from '../../lambdas/shared/names';
import { plainText } from '../../lambdas/shared/plain-text';
import type { SignedRoot } from './verify-chain';

/** By whom checkpoints have to be signed. */
export interface Signers {
  readonly key: VerifierKey;
  readonly witnesses: readonly VerifierKey[];
}

/** A checkpoint whose signature holds. */
export interface SignedCheckpoint extends SignedRoot {
  readonly tenant: string;
  /** The witnesses that cosigned, of those that were asked for. */
  readonly cosigners: readonly VerifierKey[];
}

/** The tenant whose log this is: what follows the name of the key. `null` when it is a log of something else. */
const tenantOfOrigin = (origin: string, { name }: VerifierKey): string | null => {
  const tenant = origin.startsWith(`${name}/`) ? origin.slice(name.length + 1) : '';
  return segmentPattern.test(tenant) ? tenant : null;
};

/** @throws NoteError when it is no checkpoint, of no tenant of this key, or not signed by it. */
export const readCheckpoint = (
  note: string,
  source: string,
  { key, witnesses }: Signers,
): SignedCheckpoint => {
  const signed = parseNote(note);
  const { origin, size, root } = parseCheckpoint(signed.text);
  const signers = signersOf(signed, [key, ...witnesses]);
  if (!signers.includes(key))
    throw new NoteError(`It has no signature by the key ${key.name}; with another --key it may have.`);
  const tenant = tenantOfOrigin(origin, key);
  if (tenant === null) throw new NoteError(`Its origin ${plainText(origin, 200)} is no log of ${key.name}.`);
  return { tenant, size, root, source, cosigners: signers.filter(({ kind }) => kind === 'witness') };
};

/** Notes that were put one after the other into one file: where signatures end, the next begins. */
export const splitNotes = (text: string): string[] => {
  const notes: string[] = [];
  let note = '';
  let isSigned = false;
  for (const line of text.split(/(?<=\n)/)) {
    if (isSigned && !line.startsWith('— ')) {
      notes.push(note);
      note = '';
      isSigned = false;
    }
    isSigned ||= note.endsWith('\n\n') && line.startsWith('— ');
    note += line;
  }
  return note === '' ? notes : [...notes, note];
};
