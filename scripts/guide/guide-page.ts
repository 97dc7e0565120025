/** A change that a page shows: lines that stand in a file one after the other, and what is to stand there instead. */
export interface ShownChange {
  readonly file: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** A page that tells a person what to type and what to change. */
export interface GuidePage {
  /** What is typed, in the order of the list. */
  readonly commands: readonly string[];
  readonly changes: readonly ShownChange[];
}

const step = /^\d+\. `([^`]+)`/gm;
const diff = /^```diff\n([\s\S]*?)\n```$/gm;
const path = /`([^`\s]+\/[^`\s]+)`/g;

const without = (sign: '-' | '+', lines: readonly string[]): readonly string[] =>
  lines.filter((line) => !line.startsWith(sign)).map((line) => line.slice(1));

/** Reads the commands that begin the steps of a list, and the changes, each in the file that is named last before it. */
export const readGuidePage = (text: string): GuidePage => ({
  commands: [...text.matchAll(step)].map(([, command = '']) => command),
  changes: [...text.matchAll(diff)].map(({ 1: lines = '', index }) => ({
    file: [...text.slice(0, index).matchAll(path)].at(-1)?.[1] ?? '',
    before: without('+', lines.split('\n')),
    after: without('-', lines.split('\n')),
  })),
});

/**
 * The text with the change made.
 *
 * @throws Error where the lines do not stand in it exactly once: the page tells of another file than there is.
 */
export const withChange = (text: string, { file, before, after }: ShownChange): string => {
  const [head, tail, more] = text.split(`${before.join('\n')}\n`);
  if (head === undefined || tail === undefined || more !== undefined)
    throw new Error(
      `The page changes lines of ${file} that are not there, or are there twice:\n${before.join('\n')}`,
    );
  return `${head}${after.join('\n')}\n${tail}`;
};
