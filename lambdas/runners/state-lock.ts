import { StateLockedError } from '../shared/errors';

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
