import { checkInput, checkResume } from '../lambdas/begin-run/begin-run';
import { validateModuleVariables, validateRoleVariables } from '../lambdas/shared/catalogue';
import { sha256Hex } from '../lambdas/shared/digest';
import type { JsonValue } from '../lambdas/shared/ledger';
import { traceparentOrNew } from '../lambdas/shared/trace-context';

type Input = Readonly<Record<string, JsonValue>>;

/** Checks of the workflows that people start; a block's own first step checks its input. */
const checks: Readonly<Record<string, (input: Input) => void>> = {
  'vm-provisioning': (input) =>
    void ('resume' in input
      ? checkResume(input)
      : checkInput(input, { validateModuleVariables, validateRoleVariables })),
};

/**
 * Checks an input as the workflow's first step does, before anything is started, and gives it a trace: its own when
 * that is valid, else a new one, which a caller's key decides, so that a repeated request stays the same request.
 *
 * @throws InvalidInputError naming each field that does not fit, never its value.
 */
export const prepareInput = (workflow: string, input: Input, key?: string): Input => {
  const check = checks[workflow];
  if (!check) return input;
  check(input);
  return { ...input, traceparent: traceparentOrNew(input.traceparent ?? (key && traceOf(key))) };
};

const traceOf = (key: string): string => {
  const digest = sha256Hex(key);
  return `00-${digest.slice(0, 32)}-${digest.slice(32, 48)}-01`;
};
