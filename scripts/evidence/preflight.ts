import type { DeployedOutputs } from '../../cli/deployed-outputs';

/** What is looked at in an account before anything is started there. */
export interface PreflightPorts {
  readonly environment: string;
  /** The account that the credentials belong to, and who they are. */
  readonly whoAmI: () => Promise<{ readonly account: string; readonly arn: string }>;
  readonly outputs: () => Promise<DeployedOutputs | null>;
  /** Status and body of the deep health endpoint. */
  readonly health: (publicUrl: string) => Promise<{ readonly status: number; readonly release: string }>;
  /** Names of the queues that approvers' mails go to. */
  readonly inboxes: () => Promise<readonly string[]>;
  readonly workflows: readonly string[];
  readonly commit: string;
}

export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'failed';
  readonly says: string;
}

const sentence = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

const check = async (name: string, look: () => Promise<Omit<Check, 'name'>>): Promise<Check> => {
  try {
    return { name, ...(await look()) };
  } catch (error) {
    return { name, status: 'failed', says: sentence(error) };
  }
};

/** Looks whether evidence can be gathered in an account. Starts nothing and writes nothing. */
export const preflight = async (ports: PreflightPorts): Promise<readonly Check[]> => {
  let outputs: DeployedOutputs | null = null;
  return [
    await check('credentials', async () => {
      const { account, arn } = await ports.whoAmI();
      return { status: 'ok', says: `${arn} in account ${account}` };
    }),
    await check('deployment', async () => {
      outputs = await ports.outputs();
      return outputs
        ? { status: 'ok', says: `the environment ${ports.environment} at ${outputs.publicUrl}` }
        : {
            status: 'failed',
            says: `the environment ${ports.environment} is not deployed here: npx cdk deploy --all -c env=${ports.environment}`,
          };
    }),
    await check('workflows', async () => {
      const missing = ports.workflows.filter((name) => outputs?.stateMachines[name] === undefined);
      return missing.length === 0
        ? { status: 'ok', says: `${ports.workflows.length} to be run` }
        : { status: 'failed', says: `not deployed: ${missing.join(', ')}` };
    }),
    await check('health', async () => {
      if (!outputs) return { status: 'failed', says: 'nothing to ask' };
      const { status, release } = await ports.health(outputs.publicUrl);
      if (status !== 200) return { status: 'failed', says: `the deep health endpoint answers ${status}` };
      const isSame = release.startsWith(ports.commit) || ports.commit.startsWith(release);
      return isSame
        ? { status: 'ok', says: `release ${release}` }
        : { status: 'warning', says: `release ${release} is deployed, and this checkout is ${ports.commit}` };
    }),
    await check('approvers', async () => {
      const queues = await ports.inboxes();
      return queues.length > 0
        ? { status: 'ok', says: `mails are read from ${queues.join(', ')}` }
        : {
            status: 'failed',
            says: 'no approver has the delivery "queue", so nobody could answer: add one to the environment that evidence is gathered in',
          };
    }),
  ];
};

export const mayBegin = (checks: readonly Check[]): boolean =>
  checks.every(({ status }) => status !== 'failed');

const marks = { ok: '✓', warning: '!', failed: '✗' } as const;
export const checkLines = (checks: readonly Check[]): readonly string[] =>
  checks.map(({ name, status, says }) => `${marks[status]} ${name}: ${says}`);
