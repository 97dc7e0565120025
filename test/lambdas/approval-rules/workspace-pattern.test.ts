import fc from 'fast-check';
import { matchesWorkspace, workspacePattern } from '../../../lambdas/approval-rules/workspace-pattern';

const name = fc.stringMatching(/^[ab-]{0,6}$/);
const pattern = fc.stringMatching(/^[ab*-]{1,6}$/);

test('a pattern means what it reads like', () => {
  fc.assert(
    fc.property(fc.tuple(pattern, pattern), fc.tuple(name, name), (patterns, names) => {
      const [tenant, own] = patterns.map((part) => new RegExp(`^${part.replaceAll('*', '[a-z0-9-]*')}$`));
      expect(matchesWorkspace(patterns.join('/'), names.join('/'))).toBe(
        (tenant?.test(names[0]) && own?.test(names[1])) === true,
      );
    }),
    { numRuns: 2000 },
  );
});

test('reaches over no separator, and takes nothing that is no workspace', () => {
  expect(matchesWorkspace('*/*', 'acme/web/more')).toBe(false);
  expect(matchesWorkspace('*/*', 'acme')).toBe(false);
  expect(matchesWorkspace('acme/*', 'acme/web\nroot')).toBe(false);
  expect(workspacePattern.safeParse('acme').success).toBe(false);
});

test('a pattern of many stars is as cheap as any other', () => {
  const stars = `acme/${'*a'.repeat(60)}`;
  expect(workspacePattern.safeParse(stars).success).toBe(true);
  // As a regular expression this would look at more places than there are atoms.
  expect(matchesWorkspace(stars, `acme/${'a'.repeat(59)}b`)).toBe(false);
});
