import type { Outcome } from '../lambdas/shared/contract';
import { InvalidInputError } from '../lambdas/shared/errors';
import { UsageError } from './usage-error';

/** What the commands tell a script. */
export const exitCode = { clean: 0, failed: 1, badInput: 2, interrupted: 130 } as const;

/** 2 when the caller must change what they typed, 1 otherwise. */
export const exitCodeOf = (error: unknown): number =>
  error instanceof UsageError || error instanceof InvalidInputError ? exitCode.badInput : exitCode.failed;

/** The exit code that says how a run ended; what only its own module could find wrong with the input is bad input too. */
export const exitCodeOfRun = (report: {
  readonly outcome: Outcome | null;
  readonly error?: { readonly code: string } | null;
}): number => {
  if (report.outcome !== 'failed') return exitCode.clean;
  return report.error?.code === InvalidInputError.name ? exitCode.badInput : exitCode.failed;
};
