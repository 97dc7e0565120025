import { isPlainPath, isSafeAddress } from '../../lambdas/rotation/openbao/client';
import { parseOptions } from '../parse-options';
import { UsageError } from '../usage-error';

export type RotateCall =
  | { readonly command: 'help' }
  | {
      readonly command: 'rotate';
      readonly address: string;
      readonly namespace: string | undefined;
      readonly mount: string;
      /** Of the file that says how to sign in. */
      readonly login: string;
      /** Only these, whether due or not; all that are due where there are none. */
      readonly only: readonly string[];
      readonly dryRun: boolean;
    };

export const rotateHelp = `Usage: orchestrator-rotate [OPTIONS] [PATH…]

Rotates what is due in a KV engine (version 2) of OpenBao or Vault, once, and ends. What is half-finished is brought
to its end first. With paths: these entries alone, whether they are due or not.

  --address URL      of the server (default: $BAO_ADDR, then $VAULT_ADDR); https, or http on this machine
  --namespace NAME   (default: $BAO_NAMESPACE, then $VAULT_NAMESPACE)
  --mount PATH       where the KV engine is mounted (default: secret)
  --login FILE       JSON, {"role_id":…,"secret_id":…} of an AppRole (with "mount" where it is not approle), or
                     {"token":…} (default: $CREDENTIALS_DIRECTORY/openbao-login)
  --dry-run          say what is due and how it stands; nothing is changed

Each line that it prints is one JSON object, without any secret. A certificate that the system does not know is
trusted with NODE_EXTRA_CA_CERTS=FILE.

Exit codes: 0 all is well, 1 a rotation failed or has to be looked at, 2 nothing could be done (wrong option, sealed or
unreachable server, wrong mount, refused login).
`;

const see = 'See orchestrator-rotate --help.';
const definition = {
  address: { type: 'string' },
  namespace: { type: 'string' },
  mount: { type: 'string' },
  login: { type: 'string' },
  'dry-run': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @throws UsageError */
export const parseRotateCall = (argv: readonly string[], env: NodeJS.ProcessEnv): RotateCall => {
  const { values, positionals } = parseOptions(argv, definition, see);
  if (values.help) return { command: 'help' };
  const address = values.address ?? env.BAO_ADDR ?? env.VAULT_ADDR ?? '';
  if (!isSafeAddress(address))
    throw new UsageError(
      `Name the server with --address https://… (http:// only on this machine, no path). ${see}`,
    );
  const login =
    values.login ?? (env.CREDENTIALS_DIRECTORY ? `${env.CREDENTIALS_DIRECTORY}/openbao-login` : undefined);
  if (login === undefined)
    throw new UsageError(`Name the file that says how to sign in with --login. ${see}`);
  const mount = (values.mount ?? 'secret').replace(/\/$/, '');
  if (!isPlainPath(mount)) throw new UsageError(`--mount is a path such as secret or kv/apps. ${see}`);
  return {
    command: 'rotate',
    address,
    namespace: values.namespace ?? env.BAO_NAMESPACE ?? env.VAULT_NAMESPACE,
    mount,
    login,
    only: positionals,
    dryRun: values['dry-run'] ?? false,
  };
};
