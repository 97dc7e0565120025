import * as z from 'zod';
import {
  changeRef,
  compensationKind,
  planResult,
  playResult,
  runRef,
  scriptResult,
} from '../shared/contract';
import { changeSummary } from '../shared/run-record';

/** Binds a plan and the playbook that follows it into one change, and says whether a person must decide on it. */
export const bindChangeInput = z.strictObject({
  workflow: z.string().max(80),
  run: runRef,
  /** When the workflow came here. A retried call binds the very same change. */
  enteredAt: z.iso.datetime(),
  reason: z.string().max(1000),
  requestedBy: z.string().max(128).nullable(),
  approvalTimeoutSeconds: z.int(),
  plan: planResult.nullable(),
  playbook: playResult.nullable(),
  script: scriptResult.nullable().default(null),
  /** Undoes what the run did before it failed. */
  compensates: compensationKind.exclude(['keep']).nullish(),
});
export const bindChangeOutput = z.strictObject({
  change: changeRef,
  /** `none` only when the plan is empty, the playbook changes nothing and the policy on plans allows it. */
  gate: z.enum(['required', 'none']),
  summary: changeSummary,
});
export type BindChangeInput = z.infer<typeof bindChangeInput>;
export type BindChangeOutput = z.infer<typeof bindChangeOutput>;
