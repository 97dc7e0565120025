/** What tells a lock of this very command from anybody else's. */
interface Command {
  /** The name of this machine, as OpenTofu writes it into a lock. */
  readonly host: string;
  readonly operation: 'plan' | 'apply';
  readonly beganAt: Date;
}

const operations = { plan: 'OperationTypePlan', apply: 'OperationTypeApply' } as const;

/**
 * The lock that OpenTofu ran into, if it took it itself: its request landed, the answer was lost, and the repetition
 * finds the lock taken. Nobody else has taken it: the run holds the workspace's lease, and the lock was made on this
 * machine, for this operation, after the command began.
 *
 * @returns the lock's id
 */
export const ownLock = (stderr: string, command: Command): string | undefined => {
  if (!stderr.includes('Error acquiring the state lock')) return undefined;
  const field = (name: string): string => new RegExp(`\\b${name}:\\s+(.+)`).exec(stderr)?.[1]?.trim() ?? '';
  const [, day, time] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)\S* \+0000/.exec(field('Created')) ?? [];
  const made = Date.parse(`${day}T${time}Z`);
  const began = Math.floor(command.beganAt.getTime() / 1000) * 1000;
  const isOurs =
    made >= began &&
    field('Who').endsWith(`@${command.host}`) &&
    field('Operation') === operations[command.operation];
  return isOurs ? /^[0-9a-f-]{36}$/.exec(field('ID'))?.[0] : undefined;
};
