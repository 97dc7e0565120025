import { createHash } from 'node:crypto';

/** Numbers that look random and are the same for the same seed on every machine. */
export interface Random {
  /** A whole number from 0 up to, not including, the bound. */
  below(bound: number): number;
  /** One of the items; an item's weight is how often it stands for others of weight 1. */
  pick<T>(items: readonly (readonly [item: T, weight: number])[]): T;
}

export const makeRandom = (seed: string): Random => {
  let drawn = 0;
  const below = (bound: number): number => {
    const digest = createHash('sha256').update(`${seed}#${drawn++}`).digest();
    return Number(digest.readBigUInt64BE() % BigInt(bound));
  };
  return {
    below,
    pick: (items) => {
      let left = below(items.reduce((sum, [, weight]) => sum + weight, 0));
      for (const [item, weight] of items) {
        if (left < weight) return item;
        left -= weight;
      }
      throw new Error('Nothing to pick from.');
    },
  };
};
