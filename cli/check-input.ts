import type { z } from 'zod';
import { vmProvisioningInput } from '../lambdas/begin-run/contract';
import { describeIssues } from '../lambdas/shared/define-step';
import { sha256Hex } from '../lambdas/shared/digest';
import { InvalidInputError } from '../lambdas/shared/errors';
import type { JsonValue } from '../lambdas/shared/ledger';
import { traceparentOrNew } from '../lambdas/shared/trace-context';

type Input = Readonly<Record<string, JsonValue>>;

/** Contracts of the workflows that people start; a block's own first step checks its input. */
const contracts: Readonly<Record<string, z.ZodType>> = { 'vm-provisioning': vmProvisioningInput };

/**
 * Checks an input against its workflow's contract and the catalogue, before anything is started, and gives it a
 * trace: its own when that is valid, else a new one, which a caller's key decides, so that a repeated request
 * stays the same request.
 *
 * @throws InvalidInputError naming each field that does not fit, never its value.
 */
export const prepareInput = (workflow: string, input: Input, key?: string): Input => {
  const contract = contracts[workflow];
  if (!contract) return input;
  const result = contract.safeParse(input);
  if (!result.success)
    throw new InvalidInputError(
      `The input does not fit the workflow ${workflow}. ${describeIssues(result.error)}.`,
    );
  return { ...input, traceparent: traceparentOrNew(input.traceparent ?? (key && traceOf(key))) };
};

const traceOf = (key: string): string => {
  const digest = sha256Hex(key);
  return `00-${digest.slice(0, 32)}-${digest.slice(32, 48)}-01`;
};
