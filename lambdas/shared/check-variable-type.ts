import type { VariableType } from './catalogue-schema';
import { shownName } from './check-plain-json';
import { InvalidInputError } from './errors';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** A type in words, such as "a list of text". */
export const describeType = (type: VariableType): string => {
  switch (type.kind) {
    case 'any':
      return 'any value';
    case 'string':
      return 'text';
    case 'number':
      return 'a number';
    case 'integer':
      return 'a whole number';
    case 'boolean':
      return 'true or false';
    case 'list':
      return `a list, each item ${describeType(type.of)}`;
    case 'set':
      return `a list without duplicates, each item ${describeType(type.of)}`;
    case 'map':
      return `an object, each value ${describeType(type.of)}`;
    case 'tuple':
      return `a list of exactly ${type.of.length} items`;
    case 'object':
      return `an object with ${Object.keys(type.attributes).join(', ') || 'no fields'}`;
    case 'choice':
      return `one of ${type.choices.join(', ')}`;
  }
};

const describeValue = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (isRecord(value)) return 'an object';
  if (typeof value === 'string')
    return /\$\{|\{\{/.test(value) ? 'text (expressions are not evaluated: give the value itself)' : 'text';
  return typeof value === 'number' ? 'a number' : 'true or false';
};

const mismatch = (path: string, type: VariableType, value: unknown): InvalidInputError => {
  const found = type.kind === 'choice' ? 'another value' : describeValue(value);
  return new InvalidInputError(`${path} must be ${describeType(type)}; found ${found}.`);
};

const checkItems = (of: VariableType, items: readonly unknown[], path: string): void => {
  for (const [index, item] of items.entries()) checkVariableType(of, item, `${path}[${index}]`);
};

const checkObject = (
  type: Extract<VariableType, { kind: 'object' }>,
  value: Record<string, unknown>,
  path: string,
): void => {
  for (const [key, item] of Object.entries(value)) {
    const attribute = Object.hasOwn(type.attributes, key) ? type.attributes[key] : undefined;
    if (!attribute)
      throw new InvalidInputError(
        `${path} has no field "${shownName(key)}". It knows ${Object.keys(type.attributes).join(', ')}.`,
      );
    checkVariableType(attribute, item, `${path}.${key}`);
  }
  const missing = Object.keys(type.attributes).find(
    (key) => !type.optional.includes(key) && !Object.hasOwn(value, key),
  );
  if (missing !== undefined) throw new InvalidInputError(`${path} lacks the field "${missing}".`);
};

const isScalar = (kind: VariableType['kind'], value: unknown): boolean =>
  kind === 'any' ||
  (kind === 'string' && typeof value === 'string') ||
  (kind === 'number' && typeof value === 'number') ||
  (kind === 'integer' && Number.isSafeInteger(value)) ||
  (kind === 'boolean' && typeof value === 'boolean');

/**
 * Holds a value against a type. Nothing is converted: "80" is no number.
 *
 * @throws InvalidInputError naming the place, what was expected and the kind of what was found, never its value.
 */
export const checkVariableType = (type: VariableType, value: unknown, path: string): void => {
  switch (type.kind) {
    case 'list':
    case 'set':
      if (!Array.isArray(value)) throw mismatch(path, type, value);
      checkItems(type.of, value, path);
      if (type.kind === 'set' && new Set(value.map((item) => JSON.stringify(item))).size !== value.length)
        throw new InvalidInputError(`${path} names an item twice.`);
      return;
    case 'tuple':
      if (!Array.isArray(value) || value.length !== type.of.length) throw mismatch(path, type, value);
      for (const [index, of] of type.of.entries()) checkVariableType(of, value[index], `${path}[${index}]`);
      return;
    case 'map':
      if (!isRecord(value)) throw mismatch(path, type, value);
      for (const [key, item] of Object.entries(value))
        checkVariableType(type.of, item, `${path}.${shownName(key)}`);
      return;
    case 'object':
      if (!isRecord(value)) throw mismatch(path, type, value);
      checkObject(type, value, path);
      return;
    case 'choice':
      if (!type.choices.some((choice) => choice === value)) throw mismatch(path, type, value);
      return;
    default:
      if (!isScalar(type.kind, value)) throw mismatch(path, type, value);
  }
};
