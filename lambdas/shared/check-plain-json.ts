import { InvalidInputError } from './errors';
import { plainText } from './plain-text';

/** Levels of lists and objects within one variable. */
const maxDepth = 6;
/** Characters of one text. */
const maxText = 4096;
/** Bytes of all variables together, as JSON. */
const maxBytes = 16 * 1024;
const maxKey = 128;

/** Control, formatting (bidirectional overrides, zero-width), private, unassigned and lone surrogate characters. */
const hidden = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]/u;
const reserved: ReadonlySet<string> = new Set(['__proto__', 'prototype', 'constructor']);

/** A name as it may stand in an error: cut, and unable to draw anything but itself. */
export const shownName = (name: string): string => plainText(name, 80);

const refusal = (path: string, why: string): InvalidInputError => new InvalidInputError(`${path} ${why}.`);

/** Levels of a whole input; what a contract describes needs far fewer. */
const maxInputDepth = 32;

/**
 * Refuses an input that a schema must not even look at: nested so deep that looking would run out of stack, or with
 * `__proto__` as a name, which schemas pass over in silence.
 *
 * @throws InvalidInputError
 */
export const checkShape = (input: unknown): void => {
  let level: unknown[] = [input];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxInputDepth)
      throw new InvalidInputError(`The input is nested deeper than ${maxInputDepth} levels.`);
    level = level.flatMap((value) => {
      if (value === null || typeof value !== 'object') return [];
      if (Object.hasOwn(value, '__proto__'))
        throw new InvalidInputError('The input has the key "__proto__", which cannot be a name.');
      return Object.values(value);
    });
  }
};

const checkValue = (value: unknown, path: string, depth: number): void => {
  if (typeof value === 'string') {
    if (value.length > maxText) throw refusal(path, `is longer than ${maxText} characters`);
    if (hidden.test(value)) throw refusal(path, 'holds control or invisible characters; remove them');
    return;
  }
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw refusal(path, 'is no finite number');
    return;
  }
  if (typeof value !== 'object') throw refusal(path, 'is no JSON value');
  if (depth >= maxDepth) throw refusal(path, `is nested deeper than ${maxDepth} levels`);
  if (Array.isArray(value))
    for (const [index, item] of value.entries()) checkValue(item, `${path}[${index}]`, depth + 1);
  else
    for (const [key, item] of Object.entries(value)) {
      checkKey(key, path);
      checkValue(item, `${path}.${shownName(key)}`, depth + 1);
    }
};

const checkKey = (key: string, path: string): void => {
  if (key.length > maxKey || hidden.test(key) || reserved.has(key))
    throw refusal(path, `has the key "${shownName(key)}", which cannot be a name`);
  if (key.startsWith('ansible_'))
    throw refusal(
      path,
      `has the key "${shownName(key)}": names that begin with ansible_ steer Ansible itself`,
    );
};

/**
 * Refuses what no variable may be, whatever its type: too deep, too large, hidden characters, reserved names.
 * Values are never quoted in an error.
 *
 * @throws InvalidInputError
 */
export const checkPlainJson = (variables: Readonly<Record<string, unknown>>): void => {
  for (const [name, value] of Object.entries(variables)) {
    checkKey(name, 'The input');
    checkValue(value, `The variable ${shownName(name)}`, 0);
  }
  if (Buffer.byteLength(JSON.stringify(variables)) > maxBytes)
    throw new InvalidInputError(`The variables are larger than ${maxBytes / 1024} KiB together.`);
};
