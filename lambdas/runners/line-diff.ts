/** Above this many pairs of lines, the middle is shown as removed and added whole. */
const mostPairs = 4_000_000;

/** The longest common part of two lists of lines, as pairs of positions. */
const commonLines = (a: readonly string[], b: readonly string[]): [number, number][] => {
  if (a.length * b.length > mostPairs) return [];
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] =
        a[i] === b[j]
          ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
  const pairs: [number, number][] = [];
  for (let [i, j] = [0, 0]; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if ((lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0)) i++;
    else j++;
  }
  return pairs;
};

/** Keeps the unchanged lines near a change, and says how many others there are. */
const fold = (lines: readonly string[], context: number): string[] => {
  const near = new Set<number>();
  lines.forEach((line, at) => {
    if (!line.startsWith(' ')) for (let by = -context; by <= context; by++) near.add(at + by);
  });
  const folded: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (near.has(at)) {
      folded.push(line);
      continue;
    }
    const from = at;
    while (at + 1 < lines.length && !near.has(at + 1)) at++;
    const count = at - from + 1;
    // Saying that one line was left out takes a line too.
    folded.push(count === 1 ? line : `… ${count} lines are the same`);
  }
  return folded;
};

/**
 * Two texts as one: each line begins with `-` (only before), `+` (only after), a blank (in both), or `…`.
 *
 * @param context unchanged lines kept around each change
 */
export const diffLines = (before: readonly string[], after: readonly string[], context = 3): string[] => {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (end < Math.min(before.length, after.length) - start && before.at(-1 - end) === after.at(-1 - end))
    end++;
  const [a, b] = [before.slice(start, before.length - end), after.slice(start, after.length - end)];
  const changed: string[] = [];
  let [i, j] = [0, 0];
  for (const [toI, toJ] of [...commonLines(a, b), [a.length, b.length] as const]) {
    changed.push(...a.slice(i, toI).map((line) => `-${line}`), ...b.slice(j, toJ).map((line) => `+${line}`));
    if (toI < a.length) changed.push(` ${a[toI]}`);
    [i, j] = [toI + 1, toJ + 1];
  }
  const same = (line: string): string => ` ${line}`;
  return fold(
    [...before.slice(0, start).map(same), ...changed, ...before.slice(before.length - end).map(same)],
    context,
  );
};
