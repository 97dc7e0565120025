import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  formatCheckpoint,
  formatNote,
  formatVerifierKey,
  type NoteError,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  rawPublicKey,
  signatureLine,
  signersOf,
  type VerifierKey,
} from '../../../lambdas/ledger-proof/checkpoint';
import { leafHash } from '../../../lambdas/ledger-proof/merkle';

const makeKey = (name: string, kind: VerifierKey['kind']): { key: VerifierKey; secret: KeyObject } => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const der = publicKey.export({ format: 'der', type: 'spki' });
  return { key: { name, kind, publicKey: rawPublicKey(der) }, secret: privateKey };
};
const log = makeKey('example.com/log', 'log');
const witness = makeKey('witness.example', 'witness');
const checkpoint = { origin: 'example.com/log', size: 7, root: leafHash('root') };
const text = formatCheckpoint(checkpoint);
const byLog = signatureLine(log.key, sign(null, Buffer.from(text), log.secret));
const byWitness = (): string => {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(1_700_000_000n);
  const message = Buffer.from(`cosignature/v1\ntime 1700000000\n${text}`);
  return signatureLine(witness.key, Buffer.concat([time, sign(null, message, witness.secret)]));
};

test('the key of the specification of signed notes is read and written', () => {
  // The example of golang.org/x/mod/sumdb/note.
  const known = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
  const key = parseVerifierKey(known);
  expect(key.name).toBe('PeterNeumann');
  expect(formatVerifierKey(key)).toBe(known);
  const note = parseNote(
    'If you think cryptography is the answer to your problem,\n' +
      "then you don't know what your problem is.\n\n" +
      '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n',
  );
  expect(signersOf(note, [key])).toEqual([key]);
});

test('a checkpoint is signed by the log and by a witness, and others are left aside', () => {
  const note = parseNote(formatNote(text, [byLog, byWitness()]));
  expect(parseCheckpoint(note.text)).toEqual(checkpoint);
  expect(signersOf(note, [log.key, witness.key])).toEqual([log.key, witness.key]);
  expect(signersOf(note, [makeKey('example.com/log', 'log').key])).toEqual([]);
});

test('a signature that claims to be by a key and is not is an error', () => {
  const other = formatNote(formatCheckpoint({ ...checkpoint, size: 8 }), [byLog]);
  expect(() => signersOf(parseNote(other), [log.key])).toThrow('is not by its key');
});

test.each([
  ['nothing', ''],
  ['no signature', `${text}\n`],
  ['no empty line', `${text}${byLog}\n`],
  ['a line that is none', `${text}\nhello\n`],
])('a note with %s is refused', (_, note) => {
  expect(() => parseNote(note)).toThrow(expect.objectContaining({ name: 'NoteError' }) as NoteError);
});

test.each(['', 'a\n', 'a\n01\nx\n', 'a\n1\nAAAA\n', `a\n-1\n${'A'.repeat(43)}=\n`])(
  'the checkpoint %j is refused',
  (wrong) => {
    expect(() => parseCheckpoint(wrong)).toThrow('three lines');
  },
);

test.each(['x', 'a+00000000+AAAA', 'PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'])(
  'the key %s is refused',
  (wrong) => {
    expect(() => parseVerifierKey(wrong)).toThrow(
      expect.objectContaining({ name: 'NoteError' }) as NoteError,
    );
  },
);
