import { orchestratorHelp, parseOrchestratorCall } from '../../cli/orchestrator-options';
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

test('an example needs no environment', () => {
  expect(parse('example terraform-plan')).toEqual({ command: 'example', workflow: 'terraform-plan' });
});

test.each([
  ['', 'Say what to do: start, status, stop or example.'],
  ['resume 01RUN', 'There is no command "resume".'],
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
