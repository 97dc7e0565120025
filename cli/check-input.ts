import { checkInput } from '../lambdas/begin-run/begin-run';
import {
  catalogueDigests,
  validateModuleVariables,
  validateRoleVariables,
  validateScriptParameters,
} from '../lambdas/shared/catalogue';
import { sha256Hex } from '../lambdas/shared/digest';
import type { JsonValue } from '../lambdas/shared/ledger-event';
import { traceparentOrNew } from '../lambdas/shared/trace-context';
import { beginsRun } from './workflow-definitions';

type Input = Readonly<Record<string, JsonValue>>;

const catalogue = {
  digests: catalogueDigests,
  validateModuleVariables,
  validateRoleVariables,
  validateScriptParameters,
};

/**
 * Checks an input as the workflow's first step does, before anything is started, and gives it a trace: its own when
 * that is valid, else a new one, which a caller's key decides, so that a repeated request stays the same request.
 * What begins without that step, a block, checks its input itself.
 *
 * @throws InvalidInputError naming each field that does not fit, never its value.
 */
export const prepareInput = (workflow: string, input: Input, key?: string): Input => {
  if (!beginsRun(workflow)) return input;
  checkInput(workflow, input, catalogue);
  return { ...input, traceparent: traceparentOrNew(input.traceparent ?? (key && traceOf(key))) };
};

const traceOf = (key: string): string => {
  const digest = sha256Hex(key);
  return `00-${digest.slice(0, 32)}-${digest.slice(32, 48)}-01`;
};
