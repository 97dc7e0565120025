import fc from 'fast-check';
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
} from '../../../lambdas/ledger-proof/merkle';

// The eight leaves and the roots that the reference implementations of RFC 6962 are tested with.
const inputs = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const leavesOf = (size: number): Hash[] =>
  Array.from({ length: size }, (_, index) => leafHash(`entry ${index}`));
const treeOf = (leaves: readonly Hash[]) => extend(emptyTree, leaves);

test.each(roots.map((root, size) => [size, root] as const))(
  'a tree of %i has the known root',
  (size, root) => {
    const leaves = inputs.slice(0, size).map((input) => leafHash(Buffer.from(input, 'hex')));
    expect(rootOf(treeOf(leaves)).toString('hex')).toBe(root);
  },
);

test('a tree grows to the same root however it is fed', () => {
  fc.assert(
    fc.property(fc.nat(200), fc.nat(200), (first, more) => {
      const leaves = leavesOf(first + more);
      const twice = extend(treeOf(leaves.slice(0, first)), leaves.slice(first));
      expect(twice).toEqual(treeOf(leaves));
    }),
  );
});

test('every leaf of every tree of up to 65 is proven to be in it, and nowhere else', () => {
  const all = leavesOf(66);
  for (let size = 1; size <= 65; size++) {
    const leaves = all.slice(0, size);
    const root = rootOf(treeOf(leaves));
    for (let index = 0; index < size; index++) {
      const proof = inclusionProof(leaves, index);
      const claim = { index, size, proof, root };
      expect(verifyInclusion(all[index] as Hash, claim)).toBe(true);
      expect(verifyInclusion(all[65] as Hash, claim)).toBe(false);
      expect(verifyInclusion(all[index] as Hash, { ...claim, index: (index + 1) % size })).toBe(size === 1);
      expect(verifyInclusion(all[index] as Hash, { ...claim, proof: [...proof, root] })).toBe(false);
      expect(verifyInclusion(all[index] as Hash, { ...claim, proof: proof.slice(1) })).toBe(size === 1);
    }
  }
});

test('every tree of up to 40 is proven to be the beginning of every longer one, from its frontier alone', () => {
  const all = leavesOf(41);
  for (let size = 0; size <= 40; size++)
    for (let was = 0; was <= size; was++) {
      const before = treeOf(all.slice(0, was));
      const proof = consistencyProof(before, all.slice(was, size));
      const older = { size: was, root: rootOf(before) };
      const newer = { size, root: rootOf(treeOf(all.slice(0, size))) };
      expect(verifyConsistency(older, newer, proof)).toBe(true);
      expect(verifyConsistency(older, newer, [...proof, newer.root])).toBe(false);
      if (was > 0 && was < size) {
        const forked = treeOf([...all.slice(0, was - 1), all[40] as Hash]);
        expect(verifyConsistency({ size: was, root: rootOf(forked) }, newer, proof)).toBe(false);
        expect(verifyConsistency(older, { size, root: older.root }, proof)).toBe(false);
      }
    }
});

test('a leaf that is not there has no proof', () => {
  expect(() => inclusionProof(leavesOf(3), 3)).toThrow('4 is not within a tree of 3 leaves');
  expect(verifyInclusion(leafHash('x'), { index: 3, size: 3, proof: [], root: leafHash('x') })).toBe(false);
});
