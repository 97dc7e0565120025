import { TerraformError } from '../shared/errors';

/** No worker that runs OpenTofu lives longer: its task is stopped after 125 minutes; five more for clocks that differ. */
const workerLifetimeMs = 130 * 60_000;

/**
 * The lock that OpenTofu ran into, as its error describes it, if whoever took it cannot be alive any more: a worker
 * that was killed at once gave nothing back.
 *
 * @returns the lock's id; `undefined` when the error is about no lock
 * @throws TerraformError when the lock's holder may be alive
 */
export const abandonedLock = (stderr: string, workspace: string, now: Date): string | undefined => {
  if (!stderr.includes('Error acquiring the state lock')) return undefined;
  const id = /\bID:\s+([0-9a-f-]{36})\b/.exec(stderr)?.[1];
  const [, day, time] = /\bCreated:\s+(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)\S* \+0000/.exec(stderr) ?? [];
  if (id === undefined || day === undefined || time === undefined) return undefined;
  const takenAt = Date.parse(`${day}T${time}Z`);
  const goneAt = takenAt + workerLifetimeMs;
  if (goneAt > now.getTime())
    throw new TerraformError(
      `The state of ${workspace} is locked since ${new Date(takenAt).toISOString()} by a worker that may be alive. ` +
        `Start again when it has ended, or after ${new Date(goneAt).toISOString()}: a lock that is left by then is removed.`,
    );
  return id;
};
