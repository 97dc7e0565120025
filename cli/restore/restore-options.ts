import { plainText } from '../../lambdas/shared/plain-text';
import { parseOptions, requireEnvironment } from '../parse-options';
import { UsageError } from '../usage-error';

interface Common {
  readonly environment: string;
  readonly json: boolean;
}

/** One call of the command line that restores. */
export type RestoreCall =
  | { readonly command: 'help' }
  | (Common & { readonly command: 'backup'; readonly name: string })
  | (Common & {
      readonly command: 'tables';
      readonly source: { readonly backup: string } | { readonly pointInTime: Date };
      readonly replace: boolean;
    })
  | (Common & {
      readonly command: 'states';
      readonly below: string;
      readonly asOf: Date;
      readonly replace: boolean;
    })
  | (Common & { readonly command: 'ledger'; readonly replace: boolean });

export const restoreHelp = `Usage: npm run restore -- COMMAND --env NAME [OPTIONS]

  backup NAME            back the tables up under a name, e.g. before a risky change
  tables --to TIME       put back what is missing in the tables, from the log that DynamoDB keeps for 35 days
  tables --backup NAME   the same, from a backup
  states --to TIME       put back the states of workspaces that stood then, and are gone
      --below PREFIX     only those, e.g. tenant-a/
  ledger                 rebuild the ledger out of its copies under Object Lock

  --replace   also put back what is there, and is another than it was
  --env NAME  the deployed environment (default: $ORCHESTRATOR_ENV)
  --json      one JSON object on one line

Freeze everything first: orchestrator freeze --all --reason TEXT. All of it may be repeated. See docs/runbooks/restore.md.
Exit codes: 0 whole, 1 failed or something is left that differs, 2 wrong option.
`;

const definition = {
  env: { type: 'string' },
  to: { type: 'string' },
  backup: { type: 'string' },
  below: { type: 'string' },
  replace: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;
const see = 'See npm run restore -- --help.';
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z$/;

const timeOf = (text: string): Date => {
  const time = new Date(text);
  if (!instant.test(text) || Number.isNaN(time.getTime()))
    throw new UsageError(
      `--to takes a time in UTC such as 2026-12-24T18:00:00Z, and not "${plainText(text, 40)}". ${see}`,
    );
  return time;
};

/** @throws UsageError when the command or an option is unknown, missing or out of place. */
export const parseRestoreCall = (argv: readonly string[], env: NodeJS.ProcessEnv): RestoreCall => {
  const { values, positionals } = parseOptions(argv, definition, see);
  if (values.help) return { command: 'help' };
  const [command = '', name, ...rest] = positionals;
  const environment = requireEnvironment(values.env, env, see);
  const { json, replace, to, backup, below } = values;
  const common = { environment, json };
  const isAlone = name === undefined;
  if (command === 'backup' && name && rest.length === 0 && /^[A-Za-z0-9_.-]{3,255}$/.test(name))
    return { command, name, ...common };
  if (command === 'tables' && isAlone && below === undefined && (to === undefined) !== (backup === undefined))
    return {
      command,
      source: backup === undefined ? { pointInTime: timeOf(to ?? '') } : { backup },
      replace,
      ...common,
    };
  if (command === 'states' && isAlone && to !== undefined && backup === undefined)
    return { command, below: below ?? '', asOf: timeOf(to), replace, ...common };
  if (command === 'ledger' && isAlone && [to, backup, below].every((option) => option === undefined))
    return { command, replace, ...common };
  throw new UsageError(
    `Say backup NAME, tables --to TIME or --backup NAME, states --to TIME, or ledger. ${see}`,
  );
};
