import { abandonedLock } from '../../../lambdas/runners/state-lock';

const id = '3c5a0c0e-4a0f-3b0e-9f0d-0123456789ab';
const stderr = `
Error: Error acquiring the state lock

Error message: operation error S3: PutObject, https response error StatusCode: 412
Lock Info:
  ID:        ${id}
  Path:      state/demo/web-01/terraform.tfstate
  Operation: OperationTypeApply
  Who:       root@worker
  Version:   1.12.6
  Created:   2026-01-01 10:00:00.123456789 +0000 UTC
  Info:
`;

test('a lock is abandoned once no worker can be alive that took it', () => {
  expect(abandonedLock(stderr, 'demo/web-01', new Date('2026-01-01T12:10:01Z'))).toBe(id);
});

test('a lock whose worker may be alive stays, and the refusal says until when', () => {
  expect(() => abandonedLock(stderr, 'demo/web-01', new Date('2026-01-01T12:09:00Z'))).toThrow(
    /demo\/web-01 is locked since 2026-01-01T10:00:00.000Z .* after 2026-01-01T12:10:00.000Z/,
  );
});

test('other errors are about no lock', () => {
  expect(abandonedLock('Error: Invalid value', 'demo/web-01', new Date())).toBeUndefined();
});
