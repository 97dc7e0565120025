import {
  formatCheckpoint,
  formatNote,
  NoteError,
  parseCheckpoint,
  parseNote,
  signersOf,
} from '../ledger-proof/checkpoint';
import { consistencyProver, type Hash, rootOf } from '../ledger-proof/merkle';
import type { CheckpointStore, StoredCheckpoint } from './checkpoint-store';
import type { LedgerReader } from './ledger-reader';
import type { LogSigner } from './log-signer';
import { brokenAt, type Grown, grow, nothingYet } from './walk-chain';

/** A checkpoint that the log signed, on its way to those who cosign. */
export interface ToCosign {
  readonly tenant: string;
  readonly size: number;
  /** Signed by the log alone. */
  readonly note: string;
  /** The size that witnesses are believed to have seen last. */
  readonly since: number;
  /** That the tree only grew since it had this size. */
  readonly prove: (since: number) => Promise<readonly Hash[]>;
}

interface Deps {
  readonly reader: LedgerReader;
  readonly checkpoints: CheckpointStore;
  readonly signer: LogSigner;
  /** Name of the key, and beginning of the logs' names. */
  readonly origin: string;
  /** The lines of those who cosigned. */
  readonly cosign: (checkpoint: ToCosign) => Promise<readonly string[]>;
  /** Entries in one step from checkpoint to checkpoint, so that a long way is not lost to a deadline. */
  readonly maxEntries: number;
}

/** Publishes a checkpoint of everything that is in a tenant's chain, if the last one does not have it all. */
export const makeCheckpointTenant = (deps: Deps) => {
  const { reader, checkpoints, signer, origin, cosign, maxEntries } = deps;
  const originOf = (tenant: string): string => `${origin}/${tenant}`;

  /** The root that a published checkpoint says, if it is ours. */
  const signedRoot = async (tenant: string, { size, note }: StoredCheckpoint): Promise<Hash> => {
    const refuse = (why: string) => brokenAt(tenant, size, `the published checkpoint of that size ${why}`);
    try {
      const signed = parseNote(note);
      if (signersOf(signed, [await signer.key()]).length === 0) throw refuse('is not signed by this log');
      const said = parseCheckpoint(signed.text);
      if (said.origin !== originOf(tenant) || said.size !== size) throw refuse('is of another log or size');
      return said.root;
    } catch (error) {
      throw error instanceof NoteError ? refuse(`cannot be read: ${error.message}`) : error;
    }
  };

  /** Where to go on after a checkpoint; where the object does not say, all its entries are read again. */
  const resume = async (tenant: string, stored: StoredCheckpoint): Promise<Grown> => {
    const root = await signedRoot(tenant, stored);
    const { frontier, head, size } = stored;
    if (frontier && head !== undefined && rootOf(frontier).equals(root)) return { tree: frontier, head };
    const again = await grow(reader, tenant, nothingYet, size);
    if (!rootOf(again.tree).equals(root))
      throw brokenAt(tenant, size, 'the entries up to it are not those that were signed');
    return again;
  };

  const newest = async (tenant: string, near: { about: number; atMost?: number }): Promise<Grown> => {
    const stored = await checkpoints.newest(tenant, near);
    return stored ? await resume(tenant, stored) : nothingYet;
  };

  /** One checkpoint further. */
  const step = async (tenant: string, last: Grown, target: number): Promise<Grown> => {
    const since = last.tree.size;
    const prover = consistencyProver(last.tree, target);
    const grown = await grow(reader, tenant, last, target, prover.add);
    const root = rootOf(grown.tree);
    const text = formatCheckpoint({ origin: originOf(tenant), size: target, root });
    const own = await signer.sign(text);
    const prove = async (older: number): Promise<readonly Hash[]> => {
      if (older === 0) return [];
      if (older === since) return prover.proof();
      const seen = await grow(reader, tenant, await newest(tenant, { about: older, atMost: older }), older);
      const farther = consistencyProver(seen.tree, target);
      await grow(reader, tenant, seen, target, farther.add);
      return farther.proof();
    };
    const others = await cosign({ tenant, size: target, note: formatNote(text, [own]), since, prove });
    const already = await checkpoints.put(tenant, {
      size: target,
      note: formatNote(text, [own, ...others]),
      frontier: grown.tree,
      head: grown.head,
    });
    if (already && !(await signedRoot(tenant, already)).equals(root))
      throw brokenAt(tenant, target, 'a checkpoint of that size with other entries is published');
    return grown;
  };

  /**
   * @param hasTime asked before every further checkpoint
   * @returns the sizes that were published, and whether nothing is left
   * @throws LedgerBrokenError when the chain is not what was signed before, or does not hold together.
   */
  return async (
    tenant: string,
    hasTime: () => boolean = () => true,
  ): Promise<{ readonly published: readonly number[]; readonly isCurrent: boolean }> => {
    let last = await newest(tenant, { about: (await reader.head(tenant)).seq });
    // Read after the checkpoint: another instance may have published one in the meantime.
    const head = await reader.head(tenant);
    const { size } = last.tree;
    if (head.seq < size)
      throw brokenAt(tenant, head.seq + 1, `it is missing, and a signed checkpoint has ${size} entries`);
    const published: number[] = [];
    while (last.tree.size < head.seq && hasTime()) {
      last = await step(tenant, last, Math.min(head.seq, last.tree.size + maxEntries));
      published.push(last.tree.size);
    }
    const isCurrent = last.tree.size === head.seq;
    if (isCurrent && last.head !== head.hash)
      throw brokenAt(tenant, head.seq, 'the head of the chain names another entry');
    return { published, isCurrent };
  };
};
