import { createHash } from 'node:crypto';

/**
 * The Merkle tree of RFC 6962, section 2.1, over a chain of ledger entries: SHA-256 throughout, leaf and node told
 * apart by their first byte. All proofs are lists of hashes in the order of that section.
 */

/** 32 bytes. */
export type Hash = Buffer;

/**
 * What is needed of a tree in order to make it longer: the roots of its perfect subtrees, the largest and leftmost
 * first; one for each bit of the size.
 */
export interface Frontier {
  readonly size: number;
  readonly nodes: readonly Hash[];
}

export const emptyTree: Frontier = { size: 0, nodes: [] };

const sha256 = (...parts: readonly Uint8Array[]): Hash => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const leafPrefix = Buffer.from([0]);
const nodePrefix = Buffer.from([1]);

export const leafHash = (data: string | Uint8Array): Hash =>
  sha256(leafPrefix, typeof data === 'string' ? Buffer.from(data) : data);

const nodeHash = (left: Hash, right: Hash): Hash => sha256(nodePrefix, left, right);

/** The tree after more leaves, given as their hashes. */
export const extend = (tree: Frontier, leaves: Iterable<Hash>): Frontier => {
  const nodes = [...tree.nodes];
  let { size } = tree;
  for (const leaf of leaves) {
    let node = leaf;
    // Each one bit at the end of the size is a subtree that the new leaf makes whole.
    for (let bits = size; bits % 2 === 1; bits = (bits - 1) / 2) node = nodeHash(nodes.pop() as Hash, node);
    nodes.push(node);
    size += 1;
  }
  return { size, nodes };
};

/** The root; of the empty tree, the hash of nothing. */
export const rootOf = ({ nodes }: Frontier): Hash => {
  const [last, ...rest] = [...nodes].reverse();
  return last ? rest.reduce((right, left) => nodeHash(left, right), last) : sha256();
};

/** The largest power of two below `size`, which is at least 2. */
const split = (size: number): number => {
  let half = 1;
  while (half * 2 < size) half *= 2;
  return half;
};

const checkRange = (small: number, large: number): void => {
  if (!(Number.isSafeInteger(small) && small >= 0 && small <= large))
    throw new RangeError(`${small} is not within a tree of ${large} leaves`);
};

/**
 * The proof that leaf `index` (from 0) is in the tree of all leaves.
 * @throws RangeError when there is no such leaf.
 */
export const inclusionProof = (leaves: readonly Hash[], index: number): Hash[] => {
  checkRange(index + 1, leaves.length);
  const hashOf = (start: number, end: number): Hash => rootOf(extend(emptyTree, leaves.slice(start, end)));
  const path = (start: number, end: number): Hash[] => {
    if (end - start === 1) return [];
    const middle = start + split(end - start);
    return index < middle
      ? [...path(start, middle), hashOf(middle, end)]
      : [...path(middle, end), hashOf(start, middle)];
  };
  return path(0, leaves.length);
};

/** The leaves, from one to before another, whose hashes show that a tree grew from `older`; in the order of the proof. */
const provingRanges = (older: number, size: number): (readonly [start: number, end: number])[] => {
  const walk = (start: number, end: number, whole: boolean): (readonly [number, number])[] => {
    if (older === end) return whole ? [] : [[start, end]];
    const middle = start + split(end - start);
    return older <= middle
      ? [...walk(start, middle, whole), [middle, end]]
      : [...walk(middle, end, false), [start, middle]];
  };
  return older === 0 || older === size ? [] : walk(0, size, true);
};

/** The roots of a tree's perfect subtrees, by the leaf at which each begins. */
const nodesByStart = ({ size, nodes }: Frontier): ReadonlyMap<number, Hash> => {
  const found = new Map<number, Hash>();
  let start = 0;
  for (const node of nodes) {
    found.set(start, node);
    start += 2 ** Math.floor(Math.log2(size - start));
  }
  return found;
};

/**
 * Makes the proof that a tree only grew, from the frontier of what it was and the leaves that came after, which are
 * taken in their order and not kept. Empty when it did not grow, or was empty before.
 */
export const consistencyProver = (before: Frontier, size: number) => {
  checkRange(before.size, size);
  const known = nodesByStart(before);
  const parts = provingRanges(before.size, size).map(([start, end]) => ({ start, end, tree: emptyTree }));
  // What is not known yet has no gap.
  const grown = parts.filter(({ start }) => start >= before.size).sort((a, b) => a.start - b.start);
  let at = before.size;
  return {
    add: (leaves: readonly Hash[]): void => {
      let rest = leaves;
      for (const part of grown) {
        const some = rest.slice(0, Math.max(0, part.end - at));
        part.tree = extend(part.tree, some);
        at += some.length;
        rest = rest.slice(some.length);
      }
    },
    proof: (): Hash[] =>
      parts.map(({ start, tree }) => (start < before.size ? (known.get(start) as Hash) : rootOf(tree))),
  };
};

/** The same of leaves that are all at hand. */
export const consistencyProof = (before: Frontier, after: readonly Hash[]): Hash[] => {
  const prover = consistencyProver(before, before.size + after.length);
  prover.add(after);
  return prover.proof();
};

/** Whether the proof leads from the leaf at `index` to the root of a tree of `size` leaves (RFC 9162, 2.1.3.2). */
export const verifyInclusion = (
  leaf: Hash,
  { index, size, proof, root }: { index: number; size: number; proof: readonly Hash[]; root: Hash },
): boolean => {
  if (!(Number.isSafeInteger(index) && index >= 0 && index < size)) return false;
  let [first, last, hash] = [index, size - 1, leaf];
  for (const node of proof) {
    if (last === 0) return false;
    if (first % 2 === 1 || first === last) {
      hash = nodeHash(node, hash);
      while (first % 2 === 0 && first !== 0) [first, last] = [first / 2, Math.floor(last / 2)];
    } else hash = nodeHash(hash, node);
    [first, last] = [Math.floor(first / 2), Math.floor(last / 2)];
  }
  return last === 0 && hash.equals(root);
};

/** Whether the proof shows that the tree of `size` leaves is the older one and more (RFC 9162, 2.1.4.2). */
export const verifyConsistency = (
  older: { readonly size: number; readonly root: Hash },
  newer: { readonly size: number; readonly root: Hash },
  proof: readonly Hash[],
): boolean => {
  if (older.size > newer.size) return false;
  if (older.size === newer.size) return proof.length === 0 && older.root.equals(newer.root);
  if (older.size === 0) return proof.length === 0 && older.root.equals(rootOf(emptyTree));
  const isPerfect = Number.isInteger(Math.log2(older.size));
  const [start, ...rest] = isPerfect ? [older.root, ...proof] : proof;
  if (!start) return false;
  let [first, last] = [older.size - 1, newer.size - 1];
  while (first % 2 === 1) [first, last] = [(first - 1) / 2, Math.floor(last / 2)];
  let [was, is] = [start, start];
  for (const node of rest) {
    if (last === 0) return false;
    if (first % 2 === 1 || first === last) {
      was = nodeHash(node, was);
      is = nodeHash(node, is);
      while (first % 2 === 0 && first !== 0) [first, last] = [first / 2, Math.floor(last / 2)];
    } else is = nodeHash(is, node);
    [first, last] = [Math.floor(first / 2), Math.floor(last / 2)];
  }
  return last === 0 && was.equals(older.root) && is.equals(newer.root);
};
