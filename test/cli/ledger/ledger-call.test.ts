import { parseLedgerCall } from '../../../cli/ledger/ledger-call';

test('a call of each command is read', () => {
  const words = 'verify out --key k --witness w --witness v --checkpoint a --json';
  expect(parseLedgerCall(words.split(' '))).toEqual({
    command: 'verify',
    path: 'out',
    key: 'k',
    origin: null,
    witnesses: ['w', 'v'],
    kept: ['a'],
    json: true,
  });
  expect(parseLedgerCall('checkpoint out --key k --tenant t'.split(' '))).toMatchObject({ tenant: 't' });
  expect(parseLedgerCall('prove out --seq 3'.split(' '))).toMatchObject({ what: { seq: 3 }, tenant: null });
  expect(parseLedgerCall('prove out --from 3'.split(' '))).toMatchObject({ what: { from: 3, to: null } });
  expect(parseLedgerCall('prove out --from 3 --to 9'.split(' '))).toMatchObject({ what: { from: 3, to: 9 } });
  expect(parseLedgerCall(['--help'])).toEqual({ command: 'help' });
});

test.each([
  ['', 'Say what to do'],
  ['check out', 'There is no command "check"'],
  ['verify --key k', 'verify takes exactly one export'],
  ['verify a b --key k', 'verify takes exactly one export'],
  ['verify out', 'verify needs --key PUB'],
  ['verify out --key k --seq 1', 'verify takes no --seq'],
  ['prove out', 'prove needs --seq N, or --from SIZE'],
  ['prove out --seq 1 --from 2', 'prove needs --seq N, or --from SIZE'],
  ['prove out --seq 0', '--seq takes a whole number from 1 on, and not "0"'],
  ['prove out --seq 1e9', 'and not "1e9"'],
  ['verify out --nonsense', "Unknown option '--nonsense'"],
])('%j is refused with a sentence', (words, says) => {
  expect(() => parseLedgerCall(words.split(' ').filter(Boolean))).toThrow(says);
});
