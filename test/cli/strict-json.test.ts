import fc from 'fast-check';
import { parseStrictJson } from '../../cli/strict-json';
import { InvalidInputError } from '../../lambdas/shared/errors';

const limits = { maxBytes: 1024, maxDepth: 8 };
const parse = (text: string | Uint8Array) =>
  parseStrictJson(typeof text === 'string' ? new TextEncoder().encode(text) : text, limits);

const message = (text: string | Uint8Array): string => {
  try {
    parse(text);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidInputError);
    return (error as Error).message;
  }
  throw new Error('was accepted');
};

test('reads what JSON.parse reads, for every JSON value without repeated names', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5, noUnicodeString: false }), (value) => {
      const text = JSON.stringify(value, null, 1);
      fc.pre(text.length < 900 && !text.includes('__proto__') && !/\\ud[89a-f]/i.test(text));
      fc.pre(!/\d{16,}|e\+/.test(text) && Buffer.byteLength(text) <= limits.maxBytes);
      expect(parse(text)).toEqual(JSON.parse(text));
    }),
  );
});

test('refuses whatever JSON.parse refuses', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'{}[]",:\\ \n019.-eEtrufalsn'), maxLength: 12 }),
      (text) => {
        let accepted = true;
        try {
          JSON.parse(text);
        } catch {
          accepted = false;
        }
        if (!accepted) expect(() => parse(text)).toThrow(InvalidInputError);
      },
    ),
    { numRuns: 2000 },
  );
});

test.each([
  ['{\n  "a": 1,\n  "b": x\n}', 'Expected a JSON value (line 3, column 8).'],
  ['{"a":1,}', 'Expected a name in double quotes (line 1, column 8).'],
  ['{"a" 1}', 'Expected ":" after the name (line 1, column 6).'],
  ['[1 2]', 'Expected "," or "]" (line 1, column 4).'],
  ['{"a":', 'The JSON ends too early (line 1, column 6).'],
  ['', 'The input is empty (line 1, column 1).'],
  ['{} {}', 'Something follows the end of the JSON (line 1, column 4).'],
  [
    '{"a":"x\ny"}',
    'This text has no closing quote, or holds a line break or a wrong escape (line 1, column 6).',
  ],
])('says where %j is wrong', (text, expected) => {
  expect(message(text)).toBe(expected);
});

test('refuses a name given twice, however it is written, at any level', () => {
  expect(message('{"a":1,"a":2}')).toBe('The same name is given twice (line 1, column 8).');
  expect(message('{"x":[{"a":1,\n"\\u0061":2}]}')).toBe('The same name is given twice (line 2, column 1).');
});

test('refuses __proto__ as a name and changes no prototype', () => {
  expect(message('{"__proto__":{"polluted":true}}')).toContain('"__proto__" is not allowed');
  expect(message('{"\\u005f_proto__":{}}')).toContain('"__proto__" is not allowed');
  expect(Object.prototype).not.toHaveProperty('polluted');
});

test('refuses ten thousand levels without running out of stack', () => {
  const text = '['.repeat(10_000);
  const run = () => parseStrictJson(new TextEncoder().encode(text), { maxBytes: 20_000, maxDepth: 32 });
  expect(run).toThrow('nested more than 32 levels deep (line 1, column 33).');
});

test('refuses more bytes than a run takes, saying how many it does', () => {
  expect(message(' '.repeat(1025))).toBe('The input is larger than 1024 bytes, the most that is taken.');
});

test('refuses numbers that would silently become other numbers', () => {
  for (const text of ['12345678901234567890', '1e999', '-9007199254740993'])
    expect(message(text)).toContain('write it as text');
  expect(parse('-0.5e2')).toBe(-50);
});

test('refuses bytes that are no text, and half characters', () => {
  expect(message(Uint8Array.of(0x22, 0xff, 0x22))).toBe('The input is not UTF-8 text.');
  expect(message('"\\ud800"')).toContain('half a character');
  expect(parse('"\\ud83d\\ude00"')).toBe('😀');
});

test('accepts a byte order mark, as some editors write one', () => {
  expect(parse(Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d))).toEqual({});
});
