import { orchestratorHelp } from '../../cli/orchestrator-help';
import { parseOrchestratorCall } from '../../cli/orchestrator-options';
import { UsageError } from '../../cli/usage-error';

const parse = (line: string, env: NodeJS.ProcessEnv = {}) =>
  parseOrchestratorCall(line.split(' ').filter(Boolean), env);

test('reads a start with all its options', () => {
  expect(parse('start vm-provisioning --env poc --input in.json --key order-17 --wait --json')).toEqual({
    command: 'start',
    workflow: 'vm-provisioning',
    environment: 'poc',
    input: 'in.json',
    key: 'order-17',
    wait: true,
    json: true,
  });
});

test('takes the environment from ORCHESTRATOR_ENV when none is named', () => {
  expect(parse('status 01RUN', { ORCHESTRATOR_ENV: 'dev' })).toMatchObject({
    environment: 'dev',
    run: '01RUN',
  });
});

test.each([
  ['--all', 'all'],
  ['--tenant demo', 'demo'],
  ['--workspace demo/web-01', 'demo/web-01'],
])('freezes %s', (scope, expected) => {
  expect(parse(`freeze ${scope} --env poc --reason audit --until 2026-12-24T18:00:00Z`)).toMatchObject({
    command: 'freeze',
    scope: expected,
    reason: 'audit',
    until: '2026-12-24T18:00:00Z',
  });
  expect(parse(`unfreeze ${scope} --env poc --reason done`)).toMatchObject({
    command: 'unfreeze',
    until: null,
  });
});

test('extend names a workspace, hours and a reason', () => {
  const typed = 'extend --workspace demo/web-01 --env poc --reason sale';
  expect(parse(`${typed} --hours 48 --wait`)).toEqual({
    command: 'extend',
    workspace: 'demo/web-01',
    hours: 48,
    reason: 'sale',
    key: null,
    wait: true,
    environment: 'poc',
    json: false,
  });
  for (const hours of ['', '--hours 0', '--hours 1.5', '--hours=-3', '--hours 1e3', '--hours soon'])
    expect(() => parse(`${typed} ${hours}`)).toThrow('extend needs --hours N, a whole number from 1.');
  expect(() => parse('extend --hours 48 --env poc --reason sale')).toThrow('extend takes --workspace NAME');
  expect(() => parse('extend demo/web-01 --hours 48 --env poc')).toThrow('extend takes --workspace NAME');
});

test('delegate names both people, an end and a reason', () => {
  const call = { command: 'delegate', from: 'alex', to: 'sam', until: '2026-12-01T00:00:00Z' };
  const typed = 'delegate --from alex --to sam --until 2026-12-01T00:00:00Z';
  expect(parse(`${typed} --reason holiday --env poc`)).toMatchObject({ ...call, reason: 'holiday' });
  expect(() => parse(`${typed} --env poc`)).toThrow('--until TIME and --reason TEXT.');
  expect(parse('undelegate --from alex --env poc')).toMatchObject({ command: 'undelegate', from: 'alex' });
  expect(() => parse('undelegate alex --env poc')).toThrow('undelegate takes options only.');
});

test('explain names a run and a person', () => {
  const call = { command: 'explain', run: 'run-1', person: 'alex', environment: 'poc' };
  expect(parse('explain run-1 --person alex --env poc')).toMatchObject({ ...call, groups: null });
  expect(parse('explain run-1 --person alex --groups approver,admin --env poc')).toMatchObject({
    ...call,
    groups: ['approver', 'admin'],
  });
  expect(() => parse('explain run-1 --env poc')).toThrow('explain needs --person ID.');
});

test('dead letters are listed, shown and replayed', () => {
  const call = { command: 'dead-letters', environment: 'poc', json: false, of: null };
  expect(parse('dead-letters list --env poc')).toEqual({ ...call, action: 'list', id: null });
  for (const action of ['show', 'replay', 'discard'])
    expect(parse(`dead-letters ${action} evt_1 --env poc`)).toEqual({ ...call, action, id: 'evt_1' });
  const ofOne = { ...call, of: 'schedules' };
  expect(parse('dead-letters list --of schedules --env poc')).toEqual({ ...ofOne, action: 'list', id: null });
  expect(parse('dead-letters replay --all --of schedules --env poc')).toEqual({
    ...ofOne,
    action: 'replay',
    id: null,
  });
});

test('the doctor only looks unless it is told to repair', () => {
  const call = { command: 'doctor', workspace: 'demo/web-01', environment: 'poc' };
  expect(parse('doctor --workspace demo/web-01 --env poc')).toMatchObject({ ...call, repair: false });
  expect(parse('doctor --workspace demo/web-01 --env poc --repair')).toMatchObject({ ...call, repair: true });
});

test('a queue is that of a workspace, or of a tenant', () => {
  const call = { command: 'queue', environment: 'poc', json: true };
  expect(parse('queue --workspace demo/web-01 --env poc --json')).toEqual({
    ...call,
    queueOf: 'demo/web-01',
  });
  expect(parse('queue --tenant demo --env poc --json')).toEqual({ ...call, queueOf: 'demo' });
});

test('an example needs no environment', () => {
  expect(parse('example terraform-plan')).toEqual({ command: 'example', workflow: 'terraform-plan' });
});

test.each([
  [
    '',
    'Say what to do: start, status, stop, resume, extend, freeze, unfreeze, doctor, queue, explain, dead-letters, delegate, undelegate, releases, credentials, persons or example.',
  ],
  [
    'dead-letters --env poc',
    'Say dead-letters list, show ID, discard ID, or replay ID; all of one queue with replay --all --of QUEUE.',
  ],
  [
    'dead-letters show --env poc',
    'Say dead-letters list, show ID, discard ID, or replay ID; all of one queue with replay --all --of QUEUE.',
  ],
  [
    'dead-letters list evt_1 --env poc',
    'Say dead-letters list, show ID, discard ID, or replay ID; all of one queue with replay --all --of QUEUE.',
  ],
  [
    'dead-letters replay --env poc',
    'Say dead-letters list, show ID, discard ID, or replay ID; all of one queue with replay --all --of QUEUE.',
  ],
  [
    'dead-letters replay --all --env poc',
    'Say dead-letters list, show ID, discard ID, or replay ID; all of one queue with replay --all --of QUEUE.',
  ],
  [
    'dead-letters replay evt_1 --all --env poc',
    'Say dead-letters list, show ID, discard ID, or replay ID; all of one queue with replay --all --of QUEUE.',
  ],
  [
    'dead-letters replay evt_1 evt_2 --env poc',
    'Say dead-letters list, show ID, discard ID, or replay ID; all of one queue with replay --all --of QUEUE.',
  ],
  [
    'dead-letters discard --env poc',
    'Say dead-letters list, show ID, discard ID, or replay ID; all of one queue with replay --all --of QUEUE.',
  ],
  [
    'dead-letters discard --all --of schedules --env poc',
    'Say dead-letters list, show ID, discard ID, or replay ID; all of one queue with replay --all --of QUEUE.',
  ],
  [
    'dead-letters empty --env poc',
    'Say dead-letters list, show ID, discard ID, or replay ID; all of one queue with replay --all --of QUEUE.',
  ],
  ['repeat 01RUN', 'There is no command "repeat".'],
  ['doctor --env poc', 'doctor takes the workspace as --workspace NAME.'],
  ['doctor demo/x --env poc', 'doctor takes the workspace as --workspace NAME.'],
  ['doctor --workspace demo/x --env poc --all', 'doctor takes no --all.'],
  ['queue --env poc', 'queue takes --workspace NAME or --tenant NAME.'],
  ['queue demo --env poc', 'queue takes --workspace NAME or --tenant NAME.'],
  ['queue --workspace demo/x --tenant demo --env poc', 'queue takes --workspace NAME or --tenant NAME.'],
  ['resume --env poc', 'resume takes exactly one run.'],
  ['resume 01RUN --env poc --input x', 'resume takes no --input.'],
  ['freeze demo --env poc --reason r', 'freeze takes its scope as --workspace NAME, --tenant NAME or --all.'],
  ['freeze --env poc --reason r', 'Name one of --workspace NAME, --tenant NAME or --all.'],
  ['freeze --env poc --reason r --all --tenant a', 'Name one of --workspace NAME, --tenant NAME or --all.'],
  ['freeze --env poc --reason r --tenant all', '"all" is everything: say --all.'],
  ['freeze --env poc --all', 'freeze needs --reason TEXT.'],
  ['unfreeze --env poc --all --reason r --until x', 'unfreeze takes no --until.'],
  ['constructor x', 'There is no command "constructor".'],
  ['status --env poc', 'status takes exactly one run.'],
  ['start a b --env poc', 'start takes exactly one workflow.'],
  ['start vm-provisioning --env poc', 'start needs --input FILE.'],
  ['status 01RUN', 'Name the deployed environment with --env, e.g. --env poc.'],
  ['status 01RUN --env ../x', 'Name the deployed environment with --env, e.g. --env poc.'],
  ['stop 01RUN --env poc --wait', 'stop takes no --wait.'],
  [`start w --env poc --input x --key ${'k'.repeat(257)}`, '--key takes 1 to 256 characters.'],
  ['status 01RUN --token t', "Unknown option '--token'."],
])('refuses "%s"', (line, message) => {
  expect(() => parse(line)).toThrow(UsageError);
  expect(() => parse(line)).toThrow(`${message} See orchestrator --help.`);
});

test('the help names every command', () => {
  expect(parse('--help')).toEqual({ command: 'help' });
  for (const command of ['start', 'status', 'stop', 'example'])
    expect(orchestratorHelp).toContain(`  ${command} `);
});
