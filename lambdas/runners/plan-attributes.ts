import { plainText } from '../shared/plain-text';
import type { AttributeChange } from '../shared/plan-document';
import { diffLines } from './line-diff';
import { type Mask, masked, soundsSecret } from './masking';
import type { PlannedChange } from './plan-json';

const unknownValue = '(known after apply)';
const hiddenDiffers = '(differs only in what is hidden)';
const writtenDifferently = '(the same JSON, written differently)';

/** A value of one line up to here is shown as it is; what is longer, or has several, line by line. */
const shortValue = 240;
/** Longer lines are broken, so that every part of a page is bounded. */
const longestLine = 1000;
/** Characters of one attribute that are kept together; a longer one goes on in a second part. */
const attributePart = 16_000;
/** JSON inside JSON inside JSON is read that deep; deeper text is masked as text. */
const deepest = 6;

export const isTree = (value: unknown): value is Record<string, unknown> | unknown[] =>
  value !== null && typeof value === 'object';

/** A part of a value, or of a tree of marks, in which `true` stands for everything below. */
export const childOf = (tree: unknown, key: string): unknown => {
  if (tree === true) return true;
  return isTree(tree) && Object.hasOwn(tree, key) ? (tree as Record<string, unknown>)[key] : undefined;
};
const keysOf = (...trees: unknown[]): string[] => [
  ...new Set(trees.flatMap((tree) => (isTree(tree) ? Object.keys(tree) : []))),
];
const isAbsent = (value: unknown): boolean => value === null || value === undefined;
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** `{ name: "DB_PASSWORD", value: … }`, as containers and parameter groups have it: the value is what is secret. */
const isSecretPair = (tree: unknown, key: string): boolean =>
  /^value$/i.test(key) &&
  ['name', 'Name', 'key', 'Key'].some((named) => {
    const name = childOf(tree, named);
    return typeof name === 'string' && soundsSecret(name);
  });

const parseJson = (text: string): unknown => {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** A copy of a value in which nothing is secret: by the plan's marks, by its names, by its look. */
const redact = (value: unknown, marks: unknown, name: string | undefined, mask: Mask, depth = 0): unknown => {
  if (isAbsent(value)) return value;
  if (marks === true || (name !== undefined && soundsSecret(name))) return masked;
  if (Array.isArray(value))
    return value.map((item, index) => redact(item, childOf(marks, String(index)), undefined, mask, depth));
  if (isTree(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        mask(key),
        isSecretPair(value, key) ? masked : redact(item, childOf(marks, key), key, mask, depth),
      ]),
    );
  if (typeof value === 'string') {
    const inside = depth < deepest ? parseJson(value) : undefined;
    if (inside === undefined) return mask(value, name);
    const clean = redact(inside, undefined, undefined, mask, depth + 1);
    return mask(same(inside, clean) ? value : JSON.stringify(clean), name);
  }
  const text = String(value);
  return mask(text) === text ? value : masked;
};

/** One value that changes. */
export interface Leaf {
  readonly path: readonly string[];
  readonly before: unknown;
  readonly after: unknown;
  readonly beforeMarks: unknown;
  readonly afterMarks: unknown;
  readonly isUnknown: boolean;
  readonly isSensitive: boolean;
}

interface Node extends Omit<Leaf, 'isUnknown' | 'isSensitive'> {
  readonly unknown: unknown;
  readonly isNamedSecret: boolean;
}

const collect = (node: Node, found: Leaf[]): void => {
  const { before, after, unknown, beforeMarks, afterMarks } = node;
  const isSensitive = beforeMarks === true || afterMarks === true || node.isNamedSecret;
  const keys =
    isSensitive || unknown === true || !(isTree(before) || isTree(after) || isTree(unknown))
      ? []
      : keysOf(before, after, unknown);
  for (const key of keys)
    collect(
      {
        path: [...node.path, key],
        before: childOf(before, key),
        after: childOf(after, key),
        unknown: childOf(unknown, key),
        beforeMarks: childOf(beforeMarks, key),
        afterMarks: childOf(afterMarks, key),
        isNamedSecret: soundsSecret(key) || isSecretPair(before, key) || isSecretPair(after, key),
      },
      found,
    );
  if (keys.length > 0 || (unknown !== true && same(before, after))) return;
  found.push({ ...node, isUnknown: unknown === true, isSensitive });
};

/** Every value that changes. An output's name stands for the path that it has none of. */
export const leavesOf = (change: PlannedChange, name?: string): Leaf[] => {
  const found: Leaf[] = [];
  collect(
    {
      path: name === undefined ? [] : [name],
      before: change.before,
      after: change.after,
      unknown: change.after_unknown,
      beforeMarks: change.before_sensitive,
      afterMarks: change.after_sensitive,
      isNamedSecret: name !== undefined && soundsSecret(name),
    },
    found,
  );
  return found;
};

/** A value as text without secrets; what has a structure, with that structure. */
const textOf = (value: unknown, marks: unknown, name: string | undefined, mask: Mask): string => {
  const tree = typeof value === 'string' ? parseJson(value) : isTree(value) ? value : undefined;
  if (tree === undefined)
    return typeof value === 'string' ? mask(value, name) : mask(JSON.stringify(value), name);
  const clean = redact(tree, marks, undefined, mask);
  const compact = JSON.stringify(clean);
  return mask(compact.length <= 80 ? compact : JSON.stringify(clean, null, 2), name);
};

/** Lines that cannot draw anything but themselves, none longer than a page bears. */
const linesOf = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .flatMap((line) => line.replaceAll('\t', '  ').match(new RegExp(`[^]{1,${longestLine}}`, 'gu')) ?? [''])
    .map((line) => plainText(line, 4 * longestLine));

const partsOf = (lines: readonly string[]): string[][] => {
  const parts: string[][] = [[]];
  let size = 0;
  for (const line of lines) {
    if (size > 0 && size + line.length > attributePart) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(line);
    size += line.length + 3;
  }
  return parts;
};

/** A leaf for people; more than one only when it is long. */
export const attributesOf = (leaf: Leaf, replacePaths: readonly string[], mask: Mask): AttributeChange[] => {
  const { before, after, isUnknown, isSensitive } = leaf;
  const name = leaf.path.join('.');
  const common = {
    path: plainText(name === '' ? 'value' : mask(name), 2000),
    sensitive: isSensitive,
    forcesReplacement: replacePaths.some((forcing) => name === forcing || name.startsWith(`${forcing}.`)),
  };
  if (isSensitive) {
    const show = (value: unknown): string | null => (isAbsent(value) ? null : masked);
    return [{ ...common, before: show(before), after: isUnknown ? unknownValue : show(after), lines: null }];
  }
  const show = (value: unknown, marks: unknown): string | null =>
    isAbsent(value) ? null : textOf(value, marks, leaf.path.at(-1), mask);
  const old = show(before, leaf.beforeMarks);
  const next = isUnknown ? unknownValue : show(after, leaf.afterMarks);
  const isReformatted =
    typeof before === 'string' && typeof after === 'string' && same(parseJson(before), parseJson(after) ?? 0);
  const hint = old !== next ? undefined : isReformatted ? writtenDifferently : hiddenDiffers;
  if ([old, next].every((text) => text === null || (text.length <= shortValue && !text.includes('\n')))) {
    const cell = (text: string | null): string | null => text && plainText(text, 4 * shortValue);
    return [{ ...common, before: cell(old), after: hint ?? cell(next), lines: null }];
  }
  const [a, b] = [old === null ? [] : linesOf(old), next === null ? [] : linesOf(next)];
  const parts = partsOf(hint === undefined ? diffLines(a, b) : diffLines(a, [...a, hint]));
  return parts.map((lines, at) => ({
    ...common,
    path: parts.length === 1 ? common.path : `${common.path} (part ${at + 1} of ${parts.length})`,
    before: null,
    after: null,
    lines,
  }));
};
