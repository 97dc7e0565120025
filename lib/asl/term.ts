import { createHash } from 'node:crypto';

/**
 * What is known of a value without running anything: where it comes from and what was done with it. Two terms that are
 * alike are the same value, as long as no state that they mention has been entered again.
 */
export type Term =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'record'; readonly fields: Readonly<Record<string, Term>> }
  /** `input` of the execution, or the `result`, `error`, … of a state. */
  | { readonly kind: 'origin'; readonly name: string; readonly state?: string }
  | { readonly kind: 'field'; readonly of: Term; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Term[] };

export const literal = (value: string | number | boolean | null): Term => ({ kind: 'literal', value });
export const origin = (name: string, state?: string): Term =>
  state === undefined ? { kind: 'origin', name } : { kind: 'origin', name, state };
export const executionInput = origin('input');
/** A field that a record does not have. */
export const absent = origin('absent');

const keys = new WeakMap<Term, string>();
const write = (term: Term): string => {
  switch (term.kind) {
    case 'literal':
      return JSON.stringify(term.value);
    case 'record':
      return `{${Object.entries(term.fields)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => `${name}:${keyOf(value)}`)
        .join()}}`;
    case 'origin':
      return `<${term.name}${term.state === undefined ? '' : `@${term.state}`}>`;
    case 'field':
      return `${keyOf(term.of)}.${term.name}`;
    case 'call':
      return `${term.name}(${term.args.map(keyOf).join()})`;
  }
};

/** The same for terms that are alike, and for no others. */
export const keyOf = (term: Term): string => {
  const known = keys.get(term);
  if (known !== undefined) return known;
  const text = write(term);
  const key = text.length > 200 ? `#${createHash('sha256').update(text).digest('hex')}` : text;
  keys.set(term, key);
  return key;
};

export const isLiteral = (term: Term, value: string | number | boolean | null): boolean =>
  term.kind === 'literal' && term.value === value;

/** Every place that a term comes from. */
export const originsOf = (term: Term): readonly Extract<Term, { kind: 'origin' }>[] => {
  switch (term.kind) {
    case 'literal':
      return [];
    case 'origin':
      return [term];
    case 'field':
      return originsOf(term.of);
    case 'record':
      return Object.values(term.fields).flatMap(originsOf);
    case 'call':
      return term.args.flatMap(originsOf);
  }
};

export const fieldOf = (term: Term, name: string): Term => {
  if (term.kind === 'literal') return absent;
  if (term.kind === 'record')
    return Object.hasOwn(term.fields, name) ? (term.fields[name] ?? absent) : absent;
  if (term.kind === 'call' && term.name === 'merge')
    return mergedField(term.args, name) ?? { kind: 'field', of: term, name };
  return { kind: 'field', of: term, name };
};

/** The last of merged objects that certainly has the field decides. */
const mergedField = (args: readonly Term[], name: string): Term | undefined => {
  for (const arg of args.toReversed()) {
    if (arg.kind !== 'record') return undefined;
    if (Object.hasOwn(arg.fields, name)) return arg.fields[name];
  }
  return absent;
};

/** A field of a field, e.g. `Payload.change`. */
export const pathOf = (term: Term, path: string): Term => path.split('.').reduce(fieldOf, term);

const isTruthy = (value: string | number | boolean | null): boolean => Boolean(value);

/** Whether a term is certainly true or certainly false. */
export const truthOf = (term: Term): boolean | undefined => {
  if (term.kind === 'literal') return isTruthy(term.value);
  return term === absent ? false : undefined;
};

const compared: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};
const counted: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
};

const ofLiterals = (name: string, a: Term, b: Term): Term | undefined => {
  if (a.kind !== 'literal' || b.kind !== 'literal') return undefined;
  if (name === '=') return literal(a.value === b.value);
  if (name === '!=') return literal(a.value !== b.value);
  if (typeof a.value === 'string' && typeof b.value === 'string' && name === '&')
    return literal(a.value + b.value);
  if (typeof a.value !== 'number' || typeof b.value !== 'number') return undefined;
  if (compared[name]) return literal(compared[name](a.value, b.value));
  return counted[name] && literal(counted[name](a.value, b.value));
};

/** A call, as simple as it can be made. */
export const call = (name: string, args: readonly Term[]): Term => {
  const [first, second, third] = args;
  if (first && name === 'exists') {
    if (first === absent) return literal(false);
    if (first.kind === 'literal' || first.kind === 'record') return literal(true);
  }
  if (name === '=' && args.includes(absent)) return literal(false);
  if (first && name === 'not') {
    const truth = truthOf(first);
    if (truth !== undefined) return literal(!truth);
  }
  if (first && second && name === 'if') {
    const truth = truthOf(first);
    if (truth !== undefined) return truth ? second : (third ?? absent);
  }
  if (name === 'merge' && args.every((arg) => arg.kind === 'record'))
    return { kind: 'record', fields: Object.assign({}, ...args.map(({ fields }) => fields)) };
  const folded = first && second && ofLiterals(name, first, second);
  return folded ?? { kind: 'call', name, args };
};

/** The term with every origin replaced, simplified again. */
export const substitute = (
  term: Term,
  replace: (origin: Extract<Term, { kind: 'origin' }>) => Term,
): Term => {
  switch (term.kind) {
    case 'literal':
      return term;
    case 'origin':
      return replace(term);
    case 'field':
      return fieldOf(substitute(term.of, replace), term.name);
    case 'record':
      return {
        kind: 'record',
        fields: Object.fromEntries(
          Object.entries(term.fields).map(([name, value]) => [name, substitute(value, replace)]),
        ),
      };
    case 'call':
      return call(
        term.name,
        term.args.map((arg) => substitute(arg, replace)),
      );
  }
};
