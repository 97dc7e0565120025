import { parseRestoreCall } from '../../../cli/restore/restore-options';

const parse = (line: string, env: NodeJS.ProcessEnv = {}) => parseRestoreCall(line.split(' '), env);
const poc = { environment: 'poc', json: false };

test.each([
  ['backup before-4711 --env poc', { command: 'backup', name: 'before-4711', ...poc }],
  [
    'tables --backup before-4711 --env poc --json',
    { command: 'tables', source: { backup: 'before-4711' }, replace: false, ...poc, json: true },
  ],
  [
    'tables --to 2026-12-24T18:00:00Z --env poc --replace',
    { command: 'tables', source: { pointInTime: new Date('2026-12-24T18:00:00Z') }, replace: true, ...poc },
  ],
  [
    'states --to 2026-12-24T18:00Z --below tenant-a/ --env poc',
    {
      command: 'states',
      below: 'tenant-a/',
      asOf: new Date('2026-12-24T18:00:00Z'),
      replace: false,
      ...poc,
    },
  ],
  ['ledger --env poc', { command: 'ledger', replace: false, ...poc }],
  ['--help', { command: 'help' }],
])('%s', (line, call) => {
  expect(parse(line)).toEqual(call);
});

test('the environment may come from the environment', () => {
  expect(parse('ledger', { ORCHESTRATOR_ENV: 'poc' })).toMatchObject({ environment: 'poc' });
});

test.each([
  ['ledger', 'Name the deployed environment with --env'],
  ['ledger --env ../x', 'Name the deployed environment with --env'],
  ['everything --env poc', 'Say backup NAME'],
  ['ledger tenant-a --env poc', 'Say backup NAME'],
  ['ledger --to 2026-12-24T18:00:00Z --env poc', 'Say backup NAME'],
  ['tables --env poc', 'Say backup NAME'],
  ['tables --env poc --to 2026-12-24T18:00:00Z --backup one', 'Say backup NAME'],
  ['backup --env poc', 'Say backup NAME'],
  ['backup a/b --env poc', 'Say backup NAME'],
  ['states --env poc', 'Say backup NAME'],
  [
    'states --env poc --to yesterday',
    '--to takes a time in UTC such as 2026-12-24T18:00:00Z, and not "yesterday"',
  ],
  ['states --env poc --to 2026-13-24T18:00:00Z', '--to takes a time in UTC'],
  ['ledger --env poc --force', "Unknown option '--force'"],
])('%s is refused', (line, sentence) => {
  expect(() => parse(line)).toThrow(sentence);
});
