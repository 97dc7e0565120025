import type { Html } from './html';

/** Room on one page. What does not fit is linked, and has pages of its own. */
export interface PageBudget {
  /** Whether a part still fits; if so, its room is taken. */
  readonly take: (part: Html) => boolean;
}

export const bytesOf = (part: Html): number => Buffer.byteLength(part.toString());

export const pageBudget = (bytes: number): PageBudget => {
  let left = bytes;
  return {
    take: (part) => {
      const needed = bytesOf(part);
      if (needed > left) return false;
      left -= needed;
      return true;
    },
  };
};

/** Bytes of parts on a page of their own: with the frame of a page under 60 KB. */
const partBytes = 40_000;

/** Parts, in their order, as pages that are no larger; one that is larger by itself has a page. */
export const inPages = (parts: readonly Html[]): Html[][] => {
  const pages: Html[][] = [[]];
  let size = 0;
  for (const part of parts) {
    const needed = bytesOf(part);
    if (size > 0 && size + needed > partBytes) {
      pages.push([]);
      size = 0;
    }
    pages.at(-1)?.push(part);
    size += needed;
  }
  return pages;
};
