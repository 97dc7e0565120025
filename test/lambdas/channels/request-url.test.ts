import fc from 'fast-check';
import { urlProblem } from '../../../lambdas/channels/request-url';
import { isPublicAddress } from '../../../lambdas/shared/public-host';

const outside = { loopback: false };
const octet = fc.integer({ min: 0, max: 255 });
const at = (first: string, count: number) =>
  fc.array(octet, { minLength: count, maxLength: count }).map((rest) => [first, ...rest].join('.'));
const innerAddress = fc.oneof(
  at('10', 3),
  at('127', 3),
  at('0', 3),
  at('192.168', 2),
  at('169.254', 2),
  at('100.64', 2),
  at('198.18', 2),
  fc.tuple(fc.integer({ min: 16, max: 31 }), octet, octet).map((rest) => `172.${rest.join('.')}`),
  fc.tuple(fc.integer({ min: 224, max: 255 }), octet, octet, octet).map((rest) => rest.join('.')),
  fc.constant('169.254.169.254'),
);
const asNumber = (address: string): number =>
  address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
/** The spellings that parsers take for the same address. */
const spelled = innerAddress.chain((address) =>
  fc.constantFrom(
    address,
    `${address}.`,
    String(asNumber(address)),
    `0x${asNumber(address).toString(16)}`,
    `0${asNumber(address).toString(8)}`,
    address
      .split('.')
      .map((part) => `0x${Number(part).toString(16)}`)
      .join('.'),
    address
      .split('.')
      .map((part) => `0${Number(part).toString(8)}`)
      .join('.'),
    `[::ffff:${address}]`,
    `[::${address}]`,
    `[64:ff9b::${address}]`,
    address.replaceAll('.', '%2e'),
  ),
);
const innerName = fc.constantFrom(
  'localhost',
  'LOCALHOST',
  'localhost.',
  'a.localhost',
  'metadata.google.internal',
  'instance-data.ec2.internal',
  'printer.local',
  'router.home.arpa',
  '[::1]',
  '[::]',
  '[fe80::1]',
  '[fd00:ec2::254]',
  '[2606:4700::1111]',
);
const path = fc.webPath();
const publicHost = fc.constantFrom('hooks.example.com', 'example.org', '93.184.215.14');
const hostile = fc.oneof(
  fc.tuple(fc.oneof(spelled, innerName), path).map(([host, rest]) => `https://${host}${rest}`),
  fc
    .tuple(fc.oneof(spelled, innerName), path)
    .map(([host, rest]) => `https://hooks.example.com@${host}${rest}`),
  fc.tuple(publicHost, path).map(([host, rest]) => `https://user:password@${host}${rest}`),
  fc.tuple(publicHost, path).map(([host, rest]) => `https://user@${host}${rest}`),
  fc
    .tuple(publicHost, fc.constantFrom('\r\n', '\n', '\r', '\t', '\0', ' ', '\u2028', '\u202e'), path)
    .map(([host, bad, rest]) => `https://${host}/${bad}x-injected: 1${rest}`),
  fc
    .tuple(fc.constantFrom('http', 'ftp', 'file', 'gopher', 'data', 'javascript', 'HTTP', 'ws'), publicHost)
    .map(([scheme, host]) => `${scheme}://${host}/`),
  fc.tuple(publicHost, path).map(([host, rest]) => `https://${host}${rest}#fragment`),
  fc.constantFrom(
    '',
    '/',
    '//hooks.example.com',
    'https://',
    'https:///x',
    `https://example.com/${'a'.repeat(2048)}`,
  ),
);

test('refuses 4,000 generated addresses that lead inside, carry credentials or break lines', () => {
  fc.assert(
    fc.property(hostile, (url) => {
      expect(urlProblem(url, outside)).toEqual(expect.any(String));
    }),
    { numRuns: 4000 },
  );
});

test('an address in any spelling is the one that the parser sees', () => {
  fc.assert(
    fc.property(innerAddress, (address) => {
      expect(isPublicAddress(address)).toBe(false);
    }),
    { numRuns: 1000 },
  );
});

test('takes what belongs to the internet', () => {
  for (const url of [
    'https://hooks.example.com/in?team=a',
    'https://example.org:8443/',
    'https://93.184.215.14/x',
  ])
    expect(urlProblem(url, outside)).toBeUndefined();
});

test('this machine itself is called where AWS is emulated, and nothing else inside', () => {
  const emulated = { loopback: true };
  expect(urlProblem('http://127.0.0.1:4000/in', emulated)).toBeUndefined();
  expect(urlProblem('http://localhost:4000/in', emulated)).toBeUndefined();
  expect(urlProblem('http://127.0.0.1/in', outside)).toBeDefined();
  for (const url of [
    'http://10.0.0.1/',
    'http://hooks.example.com/',
    'https://169.254.169.254/',
    'https://a@127.0.0.1/',
  ])
    expect(urlProblem(url, emulated)).toBeDefined();
});
