import * as z from 'zod';
import { bindChangeOutput } from '../bind-change/contract';
import {
  compensationResult,
  complianceResult,
  decision,
  driftResult,
  finalStateKey,
  outcome,
  sweepResult,
} from '../shared/contract';

export const runError = z.strictObject({ name: z.string().max(256), message: z.string().max(2048) });

/** Records how a run ended, releases its lease. Idempotent: the first recorded end stays. */
export const endRunInput = z.strictObject({
  runId: z.string().max(80),
  /** Whose end this is: another execution may have had the same name. */
  executionArn: z.string().max(512),
  outcome,
  summary: bindChangeOutput.shape.summary.nullable(),
  decision: decision.nullable(),
  compliance: complianceResult.nullable(),
  drift: driftResult.nullish(),
  sweep: sweepResult.nullish(),
  compensation: compensationResult.nullish(),
  /** Where the state lies as it was before it was destroyed. */
  finalState: finalStateKey.nullish(),
  error: runError.nullable(),
});
/** What was recorded, for the notification and the execution's own output. */
export const endRunOutput = z.strictObject({
  runId: z.string(),
  workflow: z.string(),
  workspace: z.string().nullable(),
  /** The run that this one is part of, and that tells people of it. */
  partOf: z.string().nullish(),
  outcome,
  summary: endRunInput.shape.summary,
  decision: endRunInput.shape.decision,
  compliance: endRunInput.shape.compliance,
  drift: endRunInput.shape.drift,
  sweep: endRunInput.shape.sweep,
  compensation: endRunInput.shape.compensation,
  finalState: endRunInput.shape.finalState,
  error: endRunInput.shape.error,
});
export type EndRunInput = z.infer<typeof endRunInput>;
export type EndRunOutput = z.infer<typeof endRunOutput>;
