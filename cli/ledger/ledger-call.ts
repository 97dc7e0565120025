import { plainText } from '../../lambdas/shared/plain-text';
import { parseOptions, requireEnvironment } from '../parse-options';
import { UsageError } from '../usage-error';

interface TrustOptions {
  readonly key: string;
  /** The name of a key that has none. */
  readonly origin: string | null;
  readonly witnesses: readonly string[];
  readonly kept: readonly string[];
}

/** One call of the ledger's command line. */
export type LedgerCall =
  | { readonly command: 'help' }
  | (TrustOptions & { readonly command: 'verify'; readonly path: string; readonly json: boolean })
  | (TrustOptions & {
      readonly command: 'checkpoint';
      readonly path: string;
      readonly tenants: readonly string[];
    })
  | {
      readonly command: 'export';
      readonly path: string;
      readonly environment: string;
      /** Only these; all when there are none. */
      readonly tenants: readonly string[];
      readonly fromArchive: boolean;
    }
  | {
      readonly command: 'prove';
      readonly path: string;
      readonly tenant: string | null;
      readonly what:
        | { readonly seq: number }
        /** `to` is `null` for the newest checkpoint. */
        | { readonly from: number; readonly to: number | null };
    };

export const ledgerHelp = `Usage: orchestrator-ledger COMMAND [OPTIONS]

  verify EXPORT --key PUB        check an export, or a proof that prove made; needs no account and no network
      --checkpoint FILE          checkpoints that you kept, or a folder of them: what they sign must still be
                                 there (may be repeated)
      --witness KEY              a witness that must have cosigned (may be repeated)
      --json                     one JSON object a line, one line a tenant
  checkpoint EXPORT --key PUB    print the newest checkpoint of each tenant whose ledger is whole: keep it elsewhere
      --tenant NAME              of this tenant only (may be repeated)
  prove EXPORT --seq N           print the proof that entry N is in the ledger
  prove EXPORT --from SIZE       print the proof that the ledger of that size only grew
      --to SIZE                  up to this checkpoint (default: the newest)
      --tenant NAME              of this tenant, where there are several
  export FOLDER --env NAME       write an export of a deployed environment into a new folder
      --tenant NAME              of this tenant only (may be repeated)
      --from-archive             the copies under Object Lock, and not the table

  --key PUB       the ledger's public key: name+hash+base64, a file with it, or a file in PEM or DER with --origin
  --origin NAME   the name of a key in PEM or DER, e.g. orchestrator.example.com/prod
  --env NAME      the deployed environment (default: $ORCHESTRATOR_ENV); account and region as usual with AWS

Exit codes: 0 whole, 1 broken, 2 it cannot be checked (wrong option, unreadable, or nothing of it is signed).
`;

const definition = {
  key: { type: 'string' },
  origin: { type: 'string' },
  witness: { type: 'string', multiple: true },
  checkpoint: { type: 'string', multiple: true },
  tenant: { type: 'string', multiple: true },
  env: { type: 'string' },
  'from-archive': { type: 'boolean' },
  seq: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const see = 'See orchestrator-ledger --help.';
const trust = ['key', 'origin', 'witness', 'checkpoint'];
const allowed: Readonly<Record<string, readonly string[]>> = {
  verify: [...trust, 'json'],
  checkpoint: [...trust, 'tenant'],
  export: ['env', 'tenant', 'from-archive'],
  prove: ['tenant', 'seq', 'from', 'to'],
};

/** @throws UsageError when the command or an option is unknown, missing or out of place. */
export const parseLedgerCall = (argv: readonly string[], env: NodeJS.ProcessEnv): LedgerCall => {
  const { values, positionals } = parseOptions(argv, definition, see);
  if (values.help) return { command: 'help' };
  const [command = '', path, ...rest] = positionals;
  if (command === '') throw new UsageError(`Say what to do: ${Object.keys(allowed).join(', ')}. ${see}`);
  if (!Object.hasOwn(allowed, command))
    throw new UsageError(`There is no command "${plainText(command, 80)}". ${see}`);
  const foreign = Object.keys(values).find((name) => !allowed[command]?.includes(name));
  if (foreign) throw new UsageError(`${command} takes no --${foreign}. ${see}`);
  if (!path || rest.length > 0)
    throw new UsageError(
      `${command} takes exactly one ${command === 'export' ? 'folder' : 'export'}. ${see}`,
    );
  const tenants = values.tenant ?? [];
  if (command === 'export') {
    const environment = requireEnvironment(values.env, env, see);
    return { command, path, environment, tenants, fromArchive: values['from-archive'] ?? false };
  }
  if (command === 'prove') {
    const [tenant = null, ...others] = tenants;
    if (others.length > 0) throw new UsageError(`prove takes one --tenant. ${see}`);
    return { command, path, tenant, what: whatToProve(values) };
  }
  if (values.key === undefined) throw new UsageError(`${command} needs --key PUB. ${see}`);
  const common = {
    path,
    key: values.key,
    origin: values.origin ?? null,
    witnesses: values.witness ?? [],
    kept: values.checkpoint ?? [],
  };
  return command === 'verify'
    ? { command, ...common, json: values.json ?? false }
    : { command: 'checkpoint', ...common, tenants };
};

const whatToProve = ({
  seq,
  from,
  to,
}: {
  readonly seq?: string;
  readonly from?: string;
  readonly to?: string;
}) => {
  if (seq !== undefined && from === undefined && to === undefined) return { seq: countOf('--seq', seq) };
  if (seq === undefined && from !== undefined)
    return { from: countOf('--from', from), to: to === undefined ? null : countOf('--to', to) };
  throw new UsageError(`prove needs --seq N, or --from SIZE. ${see}`);
};

const countOf = (option: string, text: string): number => {
  if (!/^[1-9]\d{0,14}$/.test(text))
    throw new UsageError(
      `${option} takes a whole number from 1 on, and not "${plainText(text, 40)}". ${see}`,
    );
  return Number(text);
};
