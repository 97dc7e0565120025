import fc from 'fast-check';
import { plainText } from '../../lambdas/shared/plain-text';

test.each([
  ['an ANSI escape', 'a\u001b[2Jb'],
  ['a line break', 'a\nb'],
  ['a bidirectional override', 'a\u202eb'],
  ['a zero-width space', 'a\u200bb'],
  ['a private character', 'a\ue000b'],
  ['half a character', 'a\ud83db'],
])('shows %s as what it is: nothing to be drawn', (_, text) => {
  expect(plainText(text, 100)).toMatch(/^a\ufffd(\[2J)?b$/);
});

test('whatever comes in, what comes out is well formed and can draw only itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat({ max: 20 }), (text, limit) => {
      const shown = plainText(text, limit);
      expect(Buffer.from(shown, 'utf8').toString('utf8')).toBe(shown);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u);
    }),
  );
});

test('a cut never leaves half a character', () => {
  expect(plainText('ab😀cd', 3)).toBe('ab… (4 more characters)');
});
