import { ownLock } from '../../../lambdas/runners/own-lock';

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
const command = {
  host: 'worker',
  operation: 'apply' as const,
  beganAt: new Date('2026-01-01T10:00:00.100Z'),
};

test('a lock that the command itself took, but was never told of, is its own', () => {
  expect(ownLock(stderr, command)).toBe(id);
});

test.each([
  ['taken before the command began', { beganAt: new Date('2026-01-01T10:00:01Z') }],
  ['of another machine', { host: 'other' }],
  ['of a machine whose name ends alike', { host: 'orker' }],
  ['of another operation', { operation: 'plan' as const }],
])('a lock %s is not', (_, other) => {
  expect(ownLock(stderr, { ...command, ...other })).toBeUndefined();
});

test('nor is an error that is about no lock, or a lock that does not describe itself', () => {
  expect(ownLock('Error: Invalid value', command)).toBeUndefined();
  expect(ownLock('Error: Error acquiring the state lock\n\nAccess denied', command)).toBeUndefined();
});
