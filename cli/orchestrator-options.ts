import { plainText } from '../lambdas/shared/plain-text';
import { parseOptions, requireEnvironment } from './parse-options';
import { UsageError } from './usage-error';

/** One call of the operator's command line. */
export type OrchestratorCall =
  | { readonly command: 'help' }
  | { readonly command: 'example'; readonly workflow: string }
  | (CallOptions & {
      readonly command: 'start';
      readonly workflow: string;
      readonly input: string;
      readonly key: string | null;
      readonly wait: boolean;
    })
  | (CallOptions & { readonly command: 'status'; readonly run: string })
  | (CallOptions & { readonly command: 'resume'; readonly run: string; readonly wait: boolean })
  | (CallOptions & {
      readonly command: 'extend';
      readonly workspace: string;
      readonly hours: number;
      readonly reason: string;
      readonly key: string | null;
      readonly wait: boolean;
    })
  | (CallOptions & {
      readonly command: 'freeze' | 'unfreeze';
      /** `all`, a tenant, or a workspace. */
      readonly scope: string;
      readonly reason: string;
      readonly until: string | null;
    })
  | (CallOptions & {
      readonly command: 'delegate';
      readonly from: string;
      readonly to: string;
      readonly until: string;
      readonly reason: string;
    })
  | (CallOptions & { readonly command: 'undelegate'; readonly from: string })
  | (CallOptions & {
      readonly command: 'explain';
      readonly run: string;
      readonly person: string;
      readonly groups: readonly string[] | null;
    })
  | (CallOptions & { readonly command: 'doctor'; readonly workspace: string; readonly repair: boolean })
  /** Of a tenant or a workspace. */
  | (CallOptions & { readonly command: 'queue'; readonly queueOf: string })
  | (CallOptions & { readonly command: 'dead-letters'; readonly of: string | null } & DeadLettersAction)
  | (CallOptions & { readonly command: 'releases'; readonly action: 'put'; readonly file: string })
  | (CallOptions & { readonly command: 'credentials'; readonly action: 'list' })
  | (CallOptions & {
      readonly command: 'credentials';
      readonly action: 'rotate';
      readonly credential: string;
      readonly reason: string;
      readonly key: string | null;
      readonly wait: boolean;
    })
  | (CallOptions & { readonly command: 'persons'; readonly action: 'export'; readonly person: string })
  | (CallOptions & {
      readonly command: 'persons';
      readonly action: 'erase';
      readonly person: string;
      readonly reason: string;
      /** The person's id once more. */
      readonly confirm: string | null;
    })
  | (CallOptions & { readonly command: 'stop'; readonly run: string; readonly reason: string });

type DeadLettersAction =
  | { readonly action: 'list'; readonly id: null }
  | { readonly action: 'show' | 'discard'; readonly id: string }
  /** `null`: all. */
  | { readonly action: 'replay'; readonly id: string | null };

interface CallOptions {
  readonly environment: string;
  readonly json: boolean;
}

const definition = {
  env: { type: 'string' },
  input: { type: 'string' },
  key: { type: 'string' },
  reason: { type: 'string' },
  workspace: { type: 'string' },
  tenant: { type: 'string' },
  all: { type: 'boolean' },
  of: { type: 'string' },
  until: { type: 'string' },
  hours: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  person: { type: 'string' },
  confirm: { type: 'string' },
  groups: { type: 'string' },
  repair: { type: 'boolean' },
  wait: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const see = 'See orchestrator --help.';
const allowed: Readonly<Record<string, readonly string[]>> = {
  start: ['env', 'json', 'input', 'key', 'wait'],
  status: ['env', 'json'],
  stop: ['env', 'json', 'reason'],
  resume: ['env', 'json', 'wait'],
  extend: ['env', 'json', 'workspace', 'hours', 'reason', 'key', 'wait'],
  freeze: ['env', 'json', 'reason', 'workspace', 'tenant', 'all', 'until'],
  unfreeze: ['env', 'json', 'reason', 'workspace', 'tenant', 'all'],
  doctor: ['env', 'json', 'workspace', 'repair'],
  queue: ['env', 'json', 'workspace', 'tenant'],
  delegate: ['env', 'json', 'from', 'to', 'until', 'reason'],
  undelegate: ['env', 'json', 'from'],
  explain: ['env', 'json', 'person', 'groups'],
  'dead-letters': ['env', 'json', 'all', 'of'],
  releases: ['env', 'json'],
  credentials: ['env', 'json', 'reason', 'key', 'wait'],
  persons: ['env', 'json', 'reason', 'confirm'],
  example: [],
};

/** By name, help excepted. */
export const orchestratorCommands: readonly string[] = Object.keys(allowed);

/** @throws UsageError when the command or an option is unknown, missing or out of place. */
export const parseOrchestratorCall = (argv: readonly string[], env: NodeJS.ProcessEnv): OrchestratorCall => {
  const { values, positionals } = parseOptions(argv, definition, see);
  const [command = '', subject, ...rest] = positionals;
  if (values.help) return { command: 'help' };
  if (command === '')
    throw new UsageError(
      `Say what to do: start, status, stop, resume, extend, freeze, unfreeze, doctor, queue, explain, dead-letters, delegate, undelegate, releases, credentials, persons or example. ${see}`,
    );
  if (!Object.hasOwn(allowed, command))
    throw new UsageError(`There is no command "${plainText(command, 80)}". ${see}`);
  const foreign = Object.keys(values).find((name) => !allowed[command]?.includes(name));
  if (foreign) throw new UsageError(`${command} takes no --${foreign}. ${see}`);
  const freezing = command === 'freeze' || command === 'unfreeze';
  if (command === 'queue' && (subject || (values.workspace === undefined) === (values.tenant === undefined)))
    throw new UsageError(`queue takes --workspace NAME or --tenant NAME. ${see}`);
  if (freezing && subject)
    throw new UsageError(`${command} takes its scope as --workspace NAME, --tenant NAME or --all. ${see}`);
  if (command === 'doctor' && (subject || values.workspace === undefined))
    throw new UsageError(`doctor takes the workspace as --workspace NAME. ${see}`);
  if (command === 'extend' && (subject || values.workspace === undefined || values.reason === undefined))
    throw new UsageError(`extend takes --workspace NAME, --hours N and --reason TEXT. ${see}`);
  const delegating = command === 'delegate' || command === 'undelegate';
  if (delegating && subject) throw new UsageError(`${command} takes options only. ${see}`);
  const isOfOne =
    !freezing &&
    !delegating &&
    !['doctor', 'queue', 'extend', 'dead-letters', 'releases', 'credentials', 'persons'].includes(command);
  if (isOfOne && (!subject || rest.length > 0))
    throw new UsageError(
      `${command} takes exactly one ${command === 'start' || command === 'example' ? 'workflow' : 'run'}. ${see}`,
    );
  if (command === 'example') return { command, workflow: subject ?? '' };
  const environment = requireEnvironment(values.env, env, see);
  const common = { environment, json: values.json ?? false };
  if (freezing) {
    if (values.reason === undefined) throw new UsageError(`${command} needs --reason TEXT. ${see}`);
    const scope = scopeOf(values);
    return { command, scope, reason: values.reason, until: values.until ?? null, ...common };
  }
  if (command === 'delegate' || command === 'undelegate')
    return { ...delegationOf(command, values), ...common };
  if (command === 'doctor')
    return { command, workspace: values.workspace ?? '', repair: values.repair ?? false, ...common };
  if (command === 'queue') return { command, queueOf: values.workspace ?? values.tenant ?? '', ...common };
  if (command === 'extend')
    return {
      command,
      workspace: values.workspace ?? '',
      hours: hoursOf(values.hours),
      reason: values.reason ?? '',
      key: keyOf(values.key),
      wait: values.wait ?? false,
      ...common,
    };
  if (command === 'dead-letters') {
    const of = values.of ?? null;
    return { command, of, ...deadLettersAction(subject, rest, values.all, of), ...common };
  }
  if (command === 'releases') return { command, ...releasesAction(subject, rest), ...common };
  if (command === 'credentials') return { command, ...credentialsAction(subject, rest, values), ...common };
  if (command === 'persons') return { command, ...personsAction(subject, rest, values), ...common };
  if (!subject) throw new UsageError(`${command} takes exactly one run. ${see}`);
  if (command === 'status') return { command, run: subject, ...common };
  if (command === 'explain') {
    if (!values.person) throw new UsageError(`explain needs --person ID. ${see}`);
    const groups = values.groups?.split(',').filter((group) => group !== '') ?? null;
    return { command, run: subject, person: values.person, groups, ...common };
  }
  if (command === 'resume') return { command, run: subject, wait: values.wait ?? false, ...common };
  if (command === 'stop')
    return { command, run: subject, reason: values.reason ?? 'no reason given', ...common };
  if (values.input === undefined) throw new UsageError(`start needs --input FILE. ${see}`);
  return {
    command: 'start',
    workflow: subject,
    input: values.input,
    key: keyOf(values.key),
    wait: values.wait ?? false,
    ...common,
  };
};

const deadLettersAction = (
  action: string | undefined,
  [id, ...more]: readonly string[],
  all: boolean | undefined,
  of: string | null,
): DeadLettersAction => {
  const isOne = id !== undefined && more.length === 0 && !all;
  if (action === 'list' && id === undefined && !all) return { action, id: null };
  if ((action === 'show' || action === 'discard') && isOne) return { action, id };
  if (action === 'replay' && isOne) return { action, id };
  if (action === 'replay' && id === undefined && all && of !== null) return { action, id: null };
  throw new UsageError(
    `Say dead-letters list, show ID, discard ID, or replay ID; all of one queue with replay --all --of QUEUE. ${see}`,
  );
};

const releasesAction = (action: string | undefined, [file, ...more]: readonly string[]) => {
  if (action === 'put' && file !== undefined && more.length === 0) return { action, file } as const;
  throw new UsageError(`Say releases put FILE. ${see}`);
};

const credentialsAction = (
  action: string | undefined,
  [credential, ...more]: readonly string[],
  { reason, key, wait }: { readonly reason?: string; readonly key?: string; readonly wait?: boolean },
) => {
  const isBare = reason === undefined && key === undefined && wait === undefined;
  if (action === 'list' && credential === undefined && isBare) return { action } as const;
  if (action === 'rotate' && credential !== undefined && more.length === 0 && reason !== undefined)
    return { action, credential, reason, key: keyOf(key), wait: wait ?? false } as const;
  throw new UsageError(`Say credentials list, or credentials rotate NAME --reason TEXT. ${see}`);
};

const personsAction = (
  action: string | undefined,
  [person, ...more]: readonly string[],
  { reason, confirm }: { readonly reason?: string; readonly confirm?: string },
) => {
  const isOne = person !== undefined && more.length === 0;
  if (action === 'export' && isOne && reason === undefined && confirm === undefined)
    return { action, person } as const;
  if (action === 'erase' && isOne && reason !== undefined)
    return { action, person, reason, confirm: confirm ?? null } as const;
  throw new UsageError(`Say persons export ID, or persons erase ID --reason TEXT --confirm ID. ${see}`);
};

const delegationOf = (
  command: 'delegate' | 'undelegate',
  {
    from,
    to,
    until,
    reason,
  }: { readonly from?: string; readonly to?: string; readonly until?: string; readonly reason?: string },
) => {
  if (!from) throw new UsageError(`${command} needs --from ID. ${see}`);
  if (command === 'undelegate') return { command, from };
  if (!to || !until || !reason)
    throw new UsageError(`delegate needs --from ID, --to ID, --until TIME and --reason TEXT. ${see}`);
  return { command, from, to, until, reason };
};

const scopeOf = (values: {
  readonly workspace?: string;
  readonly tenant?: string;
  readonly all?: boolean;
}): string => {
  const named = [values.workspace, values.tenant, values.all ? 'all' : undefined].filter(
    (scope) => scope !== undefined,
  );
  const [scope] = named;
  if (scope === undefined || named.length > 1)
    throw new UsageError(`Name one of --workspace NAME, --tenant NAME or --all. ${see}`);
  if (values.tenant === 'all') throw new UsageError(`"all" is everything: say --all. ${see}`);
  return scope;
};

const hoursOf = (given: string | undefined): number => {
  if (given === undefined || !/^[1-9][0-9]{0,5}$/.test(given))
    throw new UsageError(`extend needs --hours N, a whole number from 1. ${see}`);
  return Number(given);
};

const keyOf = (key: string | undefined): string | null => {
  if (key !== undefined && (key.length < 1 || key.length > 256))
    throw new UsageError(`--key takes 1 to 256 characters. ${see}`);
  return key ?? null;
};
