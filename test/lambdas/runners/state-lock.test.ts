import { stateLocked } from '../../../lambdas/runners/state-lock';
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
