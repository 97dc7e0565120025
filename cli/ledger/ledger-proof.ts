import * as z from 'zod';
import {
  NoteError,
  parseCheckpoint,
  parseNote,
  type VerifierKey,
} from '../../lambdas/ledger-proof/checkpoint';
import {
  consistencyProof,
  emptyTree,
  extend,
  type Hash,
  inclusionProof,
  leafHash,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from '../../lambdas/ledger-proof/merkle';
import { InvalidInputError } from '../../lambdas/shared/errors';
import type { LedgerEntry } from '../../lambdas/shared/ledger-chain';
import { type ExportFolder, exportLayout } from './export-folder';
import { NoEntryError, parseEntry } from './ledger-entry';
import { readCheckpoint, type SignedCheckpoint, type Signers } from './signed-checkpoint';

const hash = z.base64().length(44);

/** A proof as it is handed to somebody who has nothing but the key. */
export const ledgerProof = z.discriminatedUnion('proves', [
  z.strictObject({
    version: z.literal(1),
    proves: z.literal('inclusion'),
    /** The bytes of the entry, which are the data of its leaf. */
    entry: z.string(),
    /** From 0. */
    index: z.int().min(0),
    checkpoint: z.string(),
    hashes: z.array(hash).max(64),
  }),
  z.strictObject({
    version: z.literal(1),
    proves: z.literal('consistency'),
    older: z.string(),
    newer: z.string(),
    hashes: z.array(hash).max(128),
  }),
]);
export type LedgerProof = z.infer<typeof ledgerProof>;

const encode = (hashes: readonly Hash[]): string[] => hashes.map((one) => one.toString('base64'));
const decode = (hashes: readonly string[]): Hash[] => hashes.map((one) => Buffer.from(one, 'base64'));

/** The tenant to prove something of. */
export const chooseTenant = (folder: ExportFolder, tenant: string | null): string => {
  const chosen = tenant ?? (folder.tenants.length === 1 ? folder.tenants[0] : undefined);
  if (chosen !== undefined && folder.tenants.includes(chosen)) return chosen;
  throw new InvalidInputError(
    tenant === null
      ? 'The export holds several tenants, or none: name one with --tenant.'
      : 'The export holds nothing of this tenant.',
  );
};

const sizeOfName = (name: string): number => Number(name.replace(/\.txt$/, ''));

/** The note of that size, or the newest. */
const noteOf = (folder: ExportFolder, tenant: string, size: number | null): string => {
  const names = folder.checkpoints(tenant);
  const name = size === null ? names.at(-1) : exportLayout.checkpointName(size);
  if (name !== undefined && names.includes(name)) return folder.note(tenant, name);
  const sizes = names.map(sizeOfName).join(', ');
  throw new InvalidInputError(
    `The export has no checkpoint ${size === null ? '' : `of ${size} entries `}of ${tenant}${
      sizes === '' ? '' : `; there are those of ${sizes.slice(0, 400)}`
    }.`,
  );
};

/** The hashes of all leaves up to a size: the only thing here that grows with the ledger. */
const leavesOf = (folder: ExportFolder, tenant: string, note: string): Hash[] => {
  const { size, root } = parseCheckpoint(parseNote(note).text);
  const leaves: Hash[] = [];
  for (const line of folder.lines(tenant)) {
    if (leaves.length === size) break;
    leaves.push(leafHash(line));
  }
  if (leaves.length < size || !rootOf(extend(emptyTree, leaves)).equals(root))
    throw new InvalidInputError(
      `The entries of ${tenant} are not those that its checkpoint of ${size} signs: verify says where they differ.`,
    );
  return leaves;
};

/** @throws InvalidInputError when no checkpoint covers the entry, or the entries do not fit it. */
export const proveInclusion = (folder: ExportFolder, tenant: string, seq: number): LedgerProof => {
  const checkpoint = noteOf(folder, tenant, null);
  const leaves = leavesOf(folder, tenant, checkpoint);
  if (seq > leaves.length)
    throw new InvalidInputError(
      `The newest checkpoint of ${tenant} is of ${leaves.length} entries: entry ${seq} is not signed yet.`,
    );
  let at = 0;
  for (const line of folder.lines(tenant))
    if (++at === seq)
      return {
        version: 1,
        proves: 'inclusion',
        entry: Buffer.from(line).toString('utf8'),
        index: seq - 1,
        checkpoint,
        hashes: encode(inclusionProof(leaves, seq - 1)),
      };
  throw new InvalidInputError(`There is no entry ${seq}.`);
};

/** @throws InvalidInputError when there are no such checkpoints, or the entries do not fit them. */
export const proveConsistency = (
  folder: ExportFolder,
  tenant: string,
  { from, to }: { readonly from: number; readonly to: number | null },
): LedgerProof => {
  const newer = noteOf(folder, tenant, to);
  const older = noteOf(folder, tenant, from);
  const leaves = leavesOf(folder, tenant, newer);
  if (from > leaves.length)
    throw new InvalidInputError(`A ledger of ${from} entries cannot grow to ${leaves.length}.`);
  const before = extend(emptyTree, leaves.slice(0, from));
  return {
    version: 1,
    proves: 'consistency',
    older,
    newer,
    hashes: encode(consistencyProof(before, leaves.slice(from))),
  };
};

/** What a proof proved. */
export type Proven =
  | { readonly proves: 'inclusion'; readonly entry: LedgerEntry; readonly checkpoint: SignedCheckpoint }
  | {
      readonly proves: 'consistency';
      readonly older: SignedCheckpoint;
      readonly newer: SignedCheckpoint;
    };

/** A proof that does not prove what it says; the message says why not. */
export class FalseProofError extends Error {
  override readonly name = 'FalseProofError';
}

const asFalse = (error: unknown): unknown =>
  error instanceof NoteError || error instanceof NoEntryError
    ? new FalseProofError(`The proof is false. ${error.message}`, { cause: error })
    : error;

const requireWitnesses = (one: SignedCheckpoint, witnesses: readonly VerifierKey[]): void => {
  const missing = witnesses.find((witness) => !one.cosigners.includes(witness));
  if (missing) throw new FalseProofError(`${one.source} is not cosigned by the witness ${missing.name}.`);
};

/** @throws FalseProofError */
export const checkProof = (proof: LedgerProof, signers: Signers): Proven => {
  try {
    const read = (note: string, source: string): SignedCheckpoint => {
      const one = readCheckpoint(note, source, signers);
      requireWitnesses(one, signers.witnesses);
      return one;
    };
    const hashes = decode(proof.hashes);
    if (proof.proves === 'inclusion') {
      const checkpoint = read(proof.checkpoint, 'The checkpoint of the proof');
      const bytes = Buffer.from(proof.entry);
      const { size, root, tenant } = checkpoint;
      if (!verifyInclusion(leafHash(bytes), { index: proof.index, size, root, proof: hashes }))
        throw new FalseProofError('The proof is false: it does not lead from this entry to the signed root.');
      const entry = parseEntry(bytes);
      if (entry.seq !== proof.index + 1 || entry.tenant !== tenant)
        throw new FalseProofError(
          'The proof is false: the entry names another place than the one it is proven for.',
        );
      return { proves: 'inclusion', entry, checkpoint };
    }
    const older = read(proof.older, 'The older checkpoint');
    const newer = read(proof.newer, 'The newer checkpoint');
    if (older.tenant !== newer.tenant || !verifyConsistency(older, newer, hashes))
      throw new FalseProofError('The proof is false: the newer ledger is not the older one and more.');
    return { proves: 'consistency', older, newer };
  } catch (error) {
    throw asFalse(error);
  }
};
