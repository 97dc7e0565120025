import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { Hash } from './merkle';

/**
 * Signed checkpoints as the C2SP specifications have them: `tlog-checkpoint` for the text, `signed-note` for the
 * signatures, `tlog-cosignature` for those of witnesses.
 */
export interface Checkpoint {
  /** Names the one log, e.g. `orchestrator.example/prod/tenant-a`. */
  readonly origin: string;
  /** Entries in the tree. */
  readonly size: number;
  readonly root: Hash;
}

/** Whoever signs: the log itself, or a witness that saw the checkpoint and cosigned. */
export interface VerifierKey {
  readonly name: string;
  readonly kind: 'log' | 'witness';
  /** The raw Ed25519 key, 32 bytes. */
  readonly publicKey: Buffer;
}

/** Something that is not a checkpoint, a note or a key; the message says what is wrong with it. */
export class NoteError extends Error {
  override readonly name = 'NoteError';
}

const algorithm = { log: 1, witness: 4 } as const;
const dash = '—';
const keyNames = /^[^\s+]+$/u;
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/** The first four bytes of SHA-256 over name, line feed, algorithm and key. */
export const keyIdOf = ({ name, kind, publicKey }: VerifierKey): Buffer =>
  createHash('sha256')
    .update(`${name}\n`)
    .update(Buffer.from([algorithm[kind]]))
    .update(publicKey)
    .digest()
    .subarray(0, 4);

/** `name+hash+key`, which is how verifiers of signed notes take a key. */
export const formatVerifierKey = (key: VerifierKey): string =>
  [
    key.name,
    keyIdOf(key).toString('hex'),
    Buffer.concat([Buffer.from([algorithm[key.kind]]), key.publicKey]).toString('base64'),
  ].join('+');

/** @throws NoteError */
export const parseVerifierKey = (text: string): VerifierKey => {
  const [name = '', id = '', ...rest] = text.trim().split('+');
  const bytes = Buffer.from(rest.join('+'), 'base64');
  const kind = bytes[0] === algorithm.log ? 'log' : bytes[0] === algorithm.witness ? 'witness' : undefined;
  if (!keyNames.test(name) || !kind || bytes.length !== 33)
    throw new NoteError('A key has the form name+hash+base64, of an Ed25519 key.');
  const key = { name, kind, publicKey: bytes.subarray(1) } as const;
  if (keyIdOf(key).toString('hex') !== id)
    throw new NoteError(`The hash in the key of ${name} is not its own.`);
  return key;
};

/** The raw key of an Ed25519 public key in DER (SubjectPublicKeyInfo), as KMS gives it. @throws NoteError */
export const rawPublicKey = (der: Uint8Array): Buffer => {
  const bytes = Buffer.from(der);
  if (bytes.length !== 44 || !bytes.subarray(0, 12).equals(spkiPrefix))
    throw new NoteError('This is not an Ed25519 public key.');
  return bytes.subarray(12);
};

const keyObject = ({ publicKey }: VerifierKey): KeyObject =>
  createPublicKey({ key: Buffer.concat([spkiPrefix, publicKey]), format: 'der', type: 'spki' });

/** The text that is signed. It ends with a line feed. */
export const formatCheckpoint = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${root.toString('base64')}\n`;

/** @throws NoteError */
export const parseCheckpoint = (text: string): Checkpoint => {
  const [origin, size, root, ...rest] = text.split('\n');
  const hash = Buffer.from(root ?? '', 'base64');
  if (!origin || !/^(0|[1-9]\d{0,15})$/.test(size ?? '') || hash.length !== 32 || rest.at(-1) !== '')
    throw new NoteError('A checkpoint has three lines: origin, size, and the root in base64.');
  return { origin, size: Number(size), root: hash };
};

/** A note: the text, an empty line, and one line for each signature. */
export const formatNote = (text: string, signatures: readonly string[]): string =>
  `${text}\n${signatures.map((line) => `${line}\n`).join('')}`;

/** The line of one signature: 64 bytes of a log; of a witness, 8 bytes of time (seconds, big-endian) before them. */
export const signatureLine = (key: VerifierKey, signature: Uint8Array): string =>
  `${dash} ${key.name} ${Buffer.concat([keyIdOf(key), signature]).toString('base64')}`;

export interface SignedNote {
  readonly text: string;
  /** Each with the name it claims, its key id and the bytes after that. */
  readonly signatures: readonly { readonly line: string; name: string; keyId: Buffer; signature: Buffer }[];
}

/** Takes a note apart; whether anything is true in it, {@link signersOf} tells. @throws NoteError */
export const parseNote = (note: string): SignedNote => {
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n'))
    throw new NoteError('A note has a text, an empty line and signatures.');
  const signatures = note
    .slice(end + 2, -1)
    .split('\n')
    .map((line) => {
      const [, name, encoded] = /^— ([^\s+]+) (\S+)$/u.exec(line) ?? [];
      const bytes = Buffer.from(encoded ?? '', 'base64');
      if (!name || bytes.length < 5) throw new NoteError('A line of the note is not a signature.');
      return { line, name, keyId: bytes.subarray(0, 4), signature: bytes.subarray(4) };
    });
  return { text: note.slice(0, end + 1), signatures };
};

const isSignedBy = (text: string, signature: Buffer, key: VerifierKey): boolean => {
  if (key.kind === 'log')
    return signature.length === 64 && verify(null, Buffer.from(text), keyObject(key), signature);
  if (signature.length !== 72) return false;
  const time = signature.readBigUInt64BE();
  const message = Buffer.from(`cosignature/v1\ntime ${time}\n${text}`);
  return verify(null, message, keyObject(key), signature.subarray(8));
};

/**
 * Who of these signed the note. Signatures of others are left aside, as the specification asks.
 * @throws NoteError when a signature claims to be by one of these, and is not.
 */
export const signersOf = ({ text, signatures }: SignedNote, keys: readonly VerifierKey[]): VerifierKey[] =>
  keys.filter((key) => {
    const own = signatures.filter(({ name, keyId }) => name === key.name && keyId.equals(keyIdOf(key)));
    if (own.some(({ signature }) => !isSignedBy(text, signature, key)))
      throw new NoteError(`The signature of ${key.name} is not by its key.`);
    return own.length > 0;
  });
