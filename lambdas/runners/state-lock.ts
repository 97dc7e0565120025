import { StateLockedError } from '../shared/errors';

/**
 * Whether the lock that OpenTofu ran into was gone when it looked whose it is. It does not wait for such a lock: it
 * gives up at once, and nothing was done.
 */
export const lockWasReleased = (stderr: string): boolean =>
  stderr.includes('Error acquiring the state lock') &&
  /\bNoSuchKey\b/.test(stderr) &&
  !stderr.includes('Lock Info:');

/**
 * What OpenTofu says when it runs into a lock, as an error that the workflow takes to the lock doctor; `undefined`
 * when the error is about no lock.
 */
export const stateLocked = (stderr: string, workspace: string): StateLockedError | undefined => {
  if (!stderr.includes('Error acquiring the state lock')) return undefined;
  const field = (name: string): string =>
    new RegExp(`\\b${name}:\\s+(\\S.{0,200})`).exec(stderr)?.[1]?.trim() ?? '';
  const by = field('Who') === '' ? '' : ` by ${field('Who')}`;
  const since = field('Created') === '' ? '' : ` since ${field('Created')}`;
  return new StateLockedError(
    `The state of ${workspace} is locked${by}${since}. The lock doctor releases the lock if its holder is provably gone.`,
  );
};
