import { InvalidInputError } from '../lambdas/shared/errors';
import type { JsonValue } from '../lambdas/shared/ledger-event';

/** What a piece of JSON may cost before it is refused. */
export interface JsonLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
}

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const whitespace = /[ \t\r\n]*/y;
const literals: ReadonlyArray<readonly [string, JsonValue]> = [
  ['true', true],
  ['false', false],
  ['null', null],
];

/**
 * JSON as a person wrote it, without the traps that `JSON.parse` accepts: a name given twice (the last one would
 * win silently), `__proto__`, integers that lose digits, half characters, endless nesting.
 *
 * @throws InvalidInputError saying what is wrong, on which line and column.
 */
export const parseStrictJson = (bytes: Uint8Array, limits: JsonLimits): JsonValue => {
  if (bytes.byteLength > limits.maxBytes)
    throw new InvalidInputError(`The input is larger than ${limits.maxBytes} bytes, the most that is taken.`);
  return new Reader(decode(bytes), limits.maxDepth).document();
};

const decode = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InvalidInputError('The input is not UTF-8 text.', { cause });
  }
};

class Reader {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly maxDepth: number,
  ) {}

  document(): JsonValue {
    this.skip(whitespace);
    if (this.at === this.text.length) throw this.wrong('The input is empty');
    const value = this.value(1);
    this.skip(whitespace);
    if (this.at < this.text.length) throw this.wrong('Something follows the end of the JSON');
    return value;
  }

  private value(depth: number): JsonValue {
    if (depth > this.maxDepth) throw this.wrong(`The input is nested more than ${this.maxDepth} levels deep`);
    const next = this.text[this.at];
    if (next === '{') return this.object(depth);
    if (next === '[') return this.array(depth);
    if (next === '"') return this.string();
    for (const [word, value] of literals)
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    return this.number();
  }

  private object(depth: number): JsonValue {
    const members = new Map<string, JsonValue>();
    this.members('}', () => {
      if (this.text[this.at] !== '"') throw this.wrong('Expected a name in double quotes');
      const start = this.at;
      const name = this.string();
      if (name === '__proto__') throw this.wrong('The name "__proto__" is not allowed', start);
      if (members.has(name)) throw this.wrong('The same name is given twice', start);
      this.skip(whitespace);
      if (this.text[this.at] !== ':') throw this.wrong('Expected ":" after the name');
      this.at += 1;
      this.skip(whitespace);
      members.set(name, this.value(depth + 1));
    });
    return Object.fromEntries(members);
  }

  private array(depth: number): JsonValue {
    const items: JsonValue[] = [];
    this.members(']', () => items.push(this.value(depth + 1)));
    return items;
  }

  /** Reads what stands between a bracket and its closing one, comma by comma. */
  private members(close: '}' | ']', readOne: () => void): void {
    this.at += 1;
    this.skip(whitespace);
    if (this.text[this.at] === close) {
      this.at += 1;
      return;
    }
    for (;;) {
      readOne();
      this.skip(whitespace);
      const separator = this.text[this.at];
      if (separator !== close && separator !== ',') throw this.wrong(`Expected "," or "${close}"`);
      this.at += 1;
      if (separator === close) return;
      this.skip(whitespace);
    }
  }

  private string(): string {
    const start = this.at;
    const raw = this.skip(string);
    if (raw === '')
      throw this.wrong('This text has no closing quote, or holds a line break or a wrong escape');
    const value: string = JSON.parse(raw);
    if (/\p{Cs}/u.test(value)) throw this.wrong('This text holds half a character', start);
    return value;
  }

  private number(): number {
    const start = this.at;
    const raw = this.skip(number);
    if (raw === '')
      throw this.wrong(
        this.at === this.text.length ? 'The JSON ends too early' : 'Expected a JSON value',
        start,
      );
    const value = Number(raw);
    if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value)))
      throw this.wrong('This number is too large to keep all its digits; write it as text', start);
    return value;
  }

  private skip(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.at += found.length;
    return found;
  }

  private wrong(what: string, at = this.at): InvalidInputError {
    const before = this.text.slice(0, at);
    const line = before.split('\n').length;
    return new InvalidInputError(`${what} (line ${line}, column ${at - before.lastIndexOf('\n')}).`);
  }
}
