import { UsageError } from '../../cli/usage-error';
import { parseStartOptions, startHelp } from '../../local/start-options';

const refusal = (...argv: string[]): string => {
  try {
    parseStartOptions(argv);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  throw new Error('was accepted');
};

test('without options, runs vm-provisioning on its example and leaves the decision to a person', () => {
  expect(parseStartOptions([])).toEqual({
    action: 'run',
    workflow: 'vm-provisioning',
    input: null,
    resume: null,
    decision: null,
    keep: false,
    json: false,
  });
});

test('reads all options of a run', () => {
  expect(
    parseStartOptions(['--reject', '--workflow', 'terraform-plan', '--input', '-', '--keep', '--json']),
  ).toEqual({
    action: 'run',
    workflow: 'terraform-plan',
    input: '-',
    resume: null,
    decision: 'reject',
    keep: true,
    json: true,
  });
});

test.each([
  [['--nope'], "Unknown option '--nope'. See npm start -- --help."],
  [['input.json'], "Unexpected argument 'input.json'. See npm start -- --help."],
  [['--workflow'], "Option '--workflow <value>' argument missing. See npm start -- --help."],
  [['--input', '--json'], "Option '--input' argument is ambiguous. See npm start -- --help."],
  [['--json=yes'], "Option '--json' does not take an argument. See npm start -- --help."],
  [['--approve', '--reject'], '--approve and --reject exclude each other. See npm start -- --help.'],
  [['--input', 'a', '--input', 'b'], '--input is given twice. See npm start -- --help.'],
  [['--stop', '--keep'], '--stop takes no --keep. See npm start -- --help.'],
  [['--example', '--input', 'a'], '--example takes no --input. See npm start -- --help.'],
])('refuses %j', (argv, message) => {
  expect(refusal(...argv)).toBe(message);
});

test('shows no control characters of what was typed', () => {
  expect(refusal('--\u001b[2Jx')).not.toContain('\u001b');
});

test('the help names every option', () => {
  for (const name of ['workflow', 'input', 'example', 'approve', 'reject', 'keep', 'stop', 'json', 'help'])
    expect(startHelp).toContain(`--${name}`);
});

test('a run is resumed with its own workflow and input', () => {
  expect(parseStartOptions(['--resume', '01RUN', '--approve'])).toMatchObject({
    resume: '01RUN',
    action: 'run',
  });
  expect(() => parseStartOptions(['--resume', '01RUN', '--input', 'x'])).toThrow(
    '--resume takes no --input.',
  );
});
