import fc from 'fast-check';
import { ownPage } from '../../../lambdas/sign-in/own-page';

const publicUrl = 'https://gate.example.com/live';

test.each([
  'approvals',
  'approvals?list=ended&after=2026-11-21T09%3A00%3A00.000Z%23run-1',
  'approvals/run-1-dddddddd',
  'approvals/run-1-dddddddd/changes?group=create&page=2',
])('leads back to %s', (to) => {
  expect(ownPage(to)).toBe(to);
});

test.each([
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/evil',
  'https://evil.example',
  'https:evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  '%2f%2fevil.example',
  '%5c%5cevil.example',
  '..%2f..%2fx',
  '../x',
  'approvals/../../x',
  './/evil.example',
  '.evil.example',
  '@evil.example',
  ':443',
  'approvals//evil.example',
  'approvals/x#y',
  'approvals/x?a=https://evil.example',
  'approvals/x\r\nSet-Cookie: a=b',
  'approvals/x\n',
  '\tapprovals',
  ' approvals',
  'approvals/\u202e',
  '',
  'a/'.repeat(400),
])('does not lead to %j', (to) => {
  expect(ownPage(to)).toBe('approvals');
});

test('nothing that is asked for leads away from our pages', () => {
  const piece = fc.constantFrom(
    '/',
    '\\',
    '.',
    '..',
    ':',
    '@',
    '?',
    '#',
    '%2f',
    '%5c',
    'a',
    'evil.example',
    '//',
    '\t',
    '\n',
    'https:',
    '&',
    '=',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(piece).map((all) => all.join('')),
      ),
      (to) => {
        const address = `${publicUrl}/${ownPage(to)}`;
        expect(new URL(address).href).toBe(address);
        expect(address.startsWith(`${publicUrl}/`)).toBe(true);
        expect(new URL(address).host).toBe('gate.example.com');
      },
    ),
    { numRuns: 2000 },
  );
});
