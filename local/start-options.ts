import { parseArgs } from 'node:util';
import { UsageError } from '../cli/usage-error';
import { plainText } from '../lambdas/shared/plain-text';

/** What `npm start` was asked to do. */
export interface StartOptions {
  readonly action: 'run' | 'example' | 'stop' | 'help';
  readonly workflow: string;
  /** A file's path, `-` for standard input, or null for the workflow's example. */
  readonly input: string | null;
  /** A run that failed, to be continued with its own input. */
  readonly resume: string | null;
  /** Null: a person decides in the browser. */
  readonly decision: 'approve' | 'reject' | null;
  readonly keep: boolean;
  readonly json: boolean;
}

export const startHelp = `Usage: npm start [-- OPTIONS]

Brings the local platform up, starts a workflow, prints the approval link, and stays until Ctrl-C, so that
you can decide in a browser and look at the host that was made.

  --workflow NAME   workflow or block to start (default: vm-provisioning)
  --input FILE      its input as JSON; "-" reads standard input (default: the workflow's example)
  --resume RUN      continue a run that failed, without repeating what it finished
  --example         print the example input and end; nothing is started
  --approve         approve over HTTP, through the page a browser would use, then shut everything down
  --reject          reject instead
  --keep            leave the platform up; later calls use it. Without a decision: waits for the run to end
  --stop            stop a platform that was kept
  --json            progress on stderr; one JSON object on one line on stdout
  --help            this text

While a kept platform is up, every call uses it, ends with its run, and leaves it up.

Exit codes: 0 clean (applied, unchanged, rejected or expired), 1 failed, 2 wrong option or input,
130 interrupted while the run was under way. State persists in .local/ (remove it to begin afresh).
`;

const definition = {
  workflow: { type: 'string' },
  input: { type: 'string' },
  resume: { type: 'string' },
  example: { type: 'boolean' },
  approve: { type: 'boolean' },
  reject: { type: 'boolean' },
  keep: { type: 'boolean' },
  stop: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @throws UsageError when an option is unknown, lacks its value, or contradicts another. */
export const parseStartOptions = (argv: readonly string[]): StartOptions => {
  const values = parse(argv);
  refuse(values.approve && values.reject, '--approve and --reject exclude each other.');
  refuse(values.stop && values.example, '--stop and --example exclude each other.');
  for (const name of ['workflow', 'input', 'resume', 'approve', 'reject', 'keep'] as const)
    refuse(values.stop && values[name] !== undefined, `--stop takes no --${name}.`);
  for (const name of ['input', 'workflow'] as const)
    refuse(values.resume !== undefined && values[name] !== undefined, `--resume takes no --${name}.`);
  for (const name of ['input', 'resume', 'approve', 'reject', 'keep'] as const)
    refuse(values.example && values[name] !== undefined, `--example takes no --${name}.`);
  return {
    action: values.help ? 'help' : values.stop ? 'stop' : values.example ? 'example' : 'run',
    workflow: values.workflow ?? 'vm-provisioning',
    input: values.input ?? null,
    resume: values.resume ?? null,
    decision: values.approve ? 'approve' : values.reject ? 'reject' : null,
    keep: values.keep ?? false,
    json: values.json ?? false,
  };
};

const parse = (argv: readonly string[]) => {
  const { values, tokens } = tokenize(argv);
  const names = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  refuse(twice !== undefined, `--${twice} is given twice.`);
  return values;
};

const tokenize = (argv: readonly string[]) => {
  try {
    return parseArgs({ args: [...argv], options: definition, allowPositionals: false, tokens: true });
  } catch (error) {
    const [sentence = ''] = (error as TypeError).message.split(/\. |\n/);
    throw new UsageError(`${plainText(sentence, 200).replace(/\.$/, '')}. See npm start -- --help.`, {
      cause: error,
    });
  }
};

const refuse = (condition: boolean | undefined, sentence: string): void => {
  if (condition) throw new UsageError(`${sentence} See npm start -- --help.`);
};
