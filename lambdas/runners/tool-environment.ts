type Environment = Readonly<Record<string, string | undefined>>;

const everyTool = ['PATH', 'SSL_CERT_FILE', 'SSL_CERT_DIR'];
/** Where AWS is, never as whom: the worker's own identity stays with the worker. */
const awsTools = ['AWS_REGION', 'AWS_ENDPOINT_URL', 'AWS_CA_BUNDLE', 'HTTPS_PROXY', 'NO_PROXY'];

const pick = (from: Environment, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = from[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** What any tool gets: the named variables and a home of its own. `TF_*`, `ANSIBLE_*` and the like are never inherited. */
export const toolEnvironment = (from: Environment, home: string): Record<string, string> => ({
  ...pick(from, everyTool),
  HOME: home,
  TMPDIR: home,
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
});

/** {@link toolEnvironment} with an AWS identity that was lent for this task: for OpenTofu alone. */
export const awsToolEnvironment = (
  from: Environment,
  home: string,
  credentials: Readonly<Record<string, string>>,
): Record<string, string> => ({
  ...toolEnvironment(from, home),
  ...pick(from, awsTools),
  AWS_EC2_METADATA_DISABLED: 'true',
  ...credentials,
});

/** Values of the worker's own credentials, which no log may show. */
export const ownSecrets = (from: Environment): string[] =>
  Object.values(
    pick(from, ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_CONTAINER_AUTHORIZATION_TOKEN']),
  );
