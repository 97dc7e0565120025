import { lockWasReleased, stateLocked } from '../../../lambdas/runners/state-lock';
import { StateLockedError } from '../../../lambdas/shared/errors';

const stderr = `
Error: Error acquiring the state lock

Error message: operation error S3: PutObject, https response error StatusCode: 412
Lock Info:
  ID:        3c5a0c0e-4a0f-3b0e-9f0d-0123456789ab
  Path:      state/demo/web-01/terraform.tfstate
  Operation: OperationTypeApply
  Who:       root@worker
  Version:   1.12.6
  Created:   2026-01-01 10:00:00.123456789 +0000 UTC
  Info:
`;

test('a lock is met by name, and the sentence says by whom it is held and since when', () => {
  const error = stateLocked(stderr, 'demo/web-01');
  expect(error).toBeInstanceOf(StateLockedError);
  expect(error?.message).toMatch(
    /^The state of demo\/web-01 is locked by root@worker since 2026-01-01 10:00:00/,
  );
});

test('other errors are about no lock', () => {
  expect(stateLocked('Error: Invalid value', 'demo/web-01')).toBeUndefined();
});

/** As OpenTofu 1.12.6 says it when the holder is done between its two looks. */
const released = `Error: Error acquiring the state lock

Error message: 2 errors occurred:
	* operation error S3: PutObject, https response error StatusCode: 412, api error
PreconditionFailed: At least one of the pre-conditions you specified did not hold
	* operation error S3: GetObject, https response error StatusCode: 404,
NoSuchKey: The specified key does not exist.
`;

test('a lock that was released while it was looked at holds nobody', () => {
  expect(lockWasReleased(released)).toBe(true);
});

test.each([
  ['one that somebody has', `${released}\nLock Info:\n  ID: 3c5a0c0e-4a0f-3b0e-9f0d-0123456789ab\n`],
  ['a store that fails otherwise', released.replace('NoSuchKey', 'AccessDenied')],
  ['an object that is missing elsewhere', 'Error: NoSuchKey: The specified key does not exist.'],
])('%s is not taken for released', (_, stderr) => {
  expect(lockWasReleased(stderr)).toBe(false);
});
