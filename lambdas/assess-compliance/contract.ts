import * as z from 'zod';
import { complianceResult, planResult, runRef } from '../shared/contract';

/** Joins what was found on hosts, in the module's source and in the plan, and remembers it for the next check. */
export const assessComplianceInput = z.strictObject({
  run: runRef,
  /** When the workflow came here. A retried call says the same. */
  at: z.iso.datetime(),
  /** The plan of what was applied, with what the policy says of it. */
  plan: planResult,
  /** The scan of the hosts; `null` where there are none. */
  scan: complianceResult.nullable(),
});
export const assessComplianceOutput = complianceResult;
export type AssessComplianceInput = z.infer<typeof assessComplianceInput>;
