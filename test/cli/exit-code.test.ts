import { exitCode, exitCodeOf, exitCodeOfRun } from '../../cli/exit-code';
import { UsageError } from '../../cli/usage-error';
import { InvalidInputError } from '../../lambdas/shared/errors';

test.each([
  ['a wrong command line', new UsageError('--what?'), exitCode.badInput],
  [
    'a wrong input',
    new InvalidInputError('The variable size must be one of small, large.'),
    exitCode.badInput,
  ],
  ['anything else', new Error('broke'), exitCode.failed],
])('%s has its exit code', (_, error, code) => {
  expect(exitCodeOf(error)).toBe(code);
});

test.each([
  [{ outcome: 'applied' as const, error: null }, exitCode.clean],
  [{ outcome: 'rejected' as const, error: null }, exitCode.clean],
  [{ outcome: 'failed' as const, error: { code: 'TerraformError' } }, exitCode.failed],
  [{ outcome: 'failed' as const, error: null }, exitCode.failed],
  [{ outcome: 'failed' as const, error: { code: 'InvalidInputError' } }, exitCode.badInput],
  [{ outcome: null }, exitCode.clean],
])('a run that ended as %j exits with %d', (report, code) => {
  expect(exitCodeOfRun(report)).toBe(code);
});
