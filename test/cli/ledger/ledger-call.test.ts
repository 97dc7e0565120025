import { parseLedgerCall } from '../../../cli/ledger/ledger-call';

const parse = (argv: string[], env = {}) => parseLedgerCall(argv, env);

test('a call of each command is read', () => {
  const words = 'verify out --key k --witness w --witness v --checkpoint a --json';
  expect(parse(words.split(' '))).toEqual({
    command: 'verify',
    path: 'out',
    key: 'k',
    origin: null,
    witnesses: ['w', 'v'],
    kept: ['a'],
    json: true,
  });
  expect(parse('checkpoint out --key k --tenant t'.split(' '))).toMatchObject({ tenants: ['t'] });
  expect(parse('export out --env poc --tenant a --tenant b --from-archive'.split(' '))).toEqual({
    command: 'export',
    path: 'out',
    environment: 'poc',
    tenants: ['a', 'b'],
    fromArchive: true,
  });
  expect(parse(['export', 'out'], { ORCHESTRATOR_ENV: 'dev' })).toMatchObject({ environment: 'dev' });
  expect(parse('prove out --seq 3'.split(' '))).toMatchObject({ what: { seq: 3 }, tenant: null });
  expect(parse('prove out --from 3'.split(' '))).toMatchObject({ what: { from: 3, to: null } });
  expect(parse('prove out --from 3 --to 9'.split(' '))).toMatchObject({ what: { from: 3, to: 9 } });
  expect(parse(['--help'])).toEqual({ command: 'help' });
});

test.each([
  ['', 'Say what to do'],
  ['check out', 'There is no command "check"'],
  ['verify --key k', 'verify takes exactly one export'],
  ['verify a b --key k', 'verify takes exactly one export'],
  ['verify out', 'verify needs --key PUB'],
  ['verify out --key k --seq 1', 'verify takes no --seq'],
  ['export out', 'Name the deployed environment with --env'],
  ['export --env poc', 'export takes exactly one folder'],
  ['prove out --seq 1 --tenant a --tenant b', 'prove takes one --tenant'],
  ['prove out', 'prove needs --seq N, or --from SIZE'],
  ['prove out --seq 1 --from 2', 'prove needs --seq N, or --from SIZE'],
  ['prove out --seq 0', '--seq takes a whole number from 1 on, and not "0"'],
  ['prove out --seq 1e9', 'and not "1e9"'],
  ['verify out --nonsense', "Unknown option '--nonsense'"],
])('%j is refused with a sentence', (words, says) => {
  expect(() => parse(words.split(' ').filter(Boolean))).toThrow(says);
});
