import { emptyTree, extend, type Frontier, type Hash, leafHash } from '../ledger-proof/merkle';
import { canonicalJson } from '../shared/digest';
import { LedgerBrokenError } from '../shared/errors';
import { findBreak, genesisHash, type LedgerEntry } from '../shared/ledger';
import type { LedgerReader } from './ledger-reader';

/** How far a chain is known: the tree of its first entries, and the hash of the last of them. */
export interface Grown {
  readonly tree: Frontier;
  readonly head: string;
}

export const nothingYet: Grown = { tree: emptyTree, head: genesisHash };

/** What is wrong with a tenant's chain, and at which entry. */
export const brokenAt = (tenant: string, seq: number, reason: string): LedgerBrokenError =>
  new LedgerBrokenError(
    `The ledger of ${tenant} is broken at entry ${seq}: ${reason}. Nothing of it was signed. See docs/ledger.md, "When the ledger is broken".`,
  );

/** The entry that was signed last must still be what it was. */
const checkLast = (tenant: string, { tree, head }: Grown, entry: LedgerEntry | undefined): void => {
  const found = entry && findBreak([entry], { seq: tree.size - 1, hash: entry.prevHash });
  if (!entry || found || entry.hash !== head)
    throw brokenAt(tenant, tree.size, found?.reason ?? 'it is not what was signed');
};

/**
 * Reads a chain on from where it is known, checks that every entry follows from the one before, and gives the leaves
 * of the tree page by page.
 *
 * @throws LedgerBrokenError at the first entry that is missing, changed or out of order.
 */
export const walkChain = async function* (
  reader: LedgerReader,
  tenant: string,
  from: Grown,
  to: number,
): AsyncGenerator<{ readonly leaves: readonly Hash[]; readonly head: string }> {
  let last = { seq: from.tree.size, hash: from.head };
  let isKnownRead = last.seq === 0;
  for await (const page of reader.read(tenant, Math.max(1, last.seq), to)) {
    if (page.length === 0) continue;
    if (!isKnownRead) checkLast(tenant, from, page[0]);
    const entries = isKnownRead ? page : page.slice(1);
    isKnownRead = true;
    const found = findBreak(entries, last);
    if (found) throw brokenAt(tenant, found.seq, found.reason);
    const foreign = entries.find((entry) => entry.tenant !== tenant);
    if (foreign) throw brokenAt(tenant, foreign.seq, `it belongs to the chain of ${foreign.tenant}`);
    last = entries.at(-1) ?? last;
    yield { leaves: entries.map((entry) => leafHash(canonicalJson(entry))), head: last.hash };
  }
  if (!isKnownRead) checkLast(tenant, from, undefined);
  if (last.seq !== to) throw brokenAt(tenant, last.seq + 1, 'it is missing');
};

/**
 * The tree of the first `to` entries.
 *
 * @param onLeaves gets the leaves that it has more, page by page
 * @throws LedgerBrokenError
 */
export const grow = async (
  reader: LedgerReader,
  tenant: string,
  from: Grown,
  to: number,
  onLeaves: (leaves: readonly Hash[]) => void = () => undefined,
): Promise<Grown> => {
  let { tree, head } = from;
  for await (const page of walkChain(reader, tenant, from, to)) {
    tree = extend(tree, page.leaves);
    head = page.head;
    onLeaves(page.leaves);
  }
  return { tree, head };
};
