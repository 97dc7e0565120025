import { refusedLicences } from '../../scripts/licences/judge';

const judge = (license: string | undefined, dev = false) =>
  refusedLicences({ '': {}, 'node_modules/one': { ...(license && { license }), dev } });

test.each(['MIT', '(MIT OR GPL-3.0-or-later)', 'Apache-2.0 AND MIT'])('%s may be shipped', (license) => {
  expect(judge(license)).toEqual([]);
});

test.each([
  'GPL-3.0-or-later',
  'MIT AND GPL-3.0-or-later',
  'AGPL-3.0-only',
  'MPL-2.0',
  'SEE LICENSE IN x',
  'UNLICENSED',
])('%s may not', (license) => {
  expect(judge(license)).toEqual([
    `node_modules/one has the licence ${license}, which is not allowed for what is shipped.`,
  ]);
});

test('a tool may have what leaves no trace, and not everything', () => {
  expect(judge('MPL-2.0', true)).toEqual([]);
  expect(judge('GPL-3.0-only', true)).toHaveLength(1);
});

test('who states no licence is told', () => {
  expect(judge(undefined)).toEqual(['node_modules/one states no licence.']);
  expect(refusedLicences({ 'node_modules/@swc/core-darwin-x64': {} })).toEqual([]);
});
