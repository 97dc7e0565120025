import * as z from 'zod';
import { changeRef, outcome } from './contract';

/**
 * One run in the runs table (partition key `runId`).
 *
 * `status` only moves forward: `running` → (`stopping` →) `ended`. `open` is present until the run has ended and
 * its workspace is given back (sparse index `open-runs`), so that the reconciler finds what nobody finished.
 */
export const runRecord = z.object({
  runId: z.string(),
  workflow: z.string(),
  executionArn: z.string(),
  startedAt: z.string(),
  traceparent: z.string(),
  status: z.enum(['running', 'stopping', 'ended']),
  open: z.literal('1').optional(),
  /** Absent while the input has not been understood. */
  workspace: z.string().optional(),
  /** What the starter claims; nobody verified it. */
  requestedBy: z.string().optional(),
  reason: z.string().optional(),
  change: changeRef.optional(),
  /** The worker that is busy for this run right now. */
  worker: z.object({ task: z.string(), heartbeatAt: z.string() }).optional(),
  outcome: outcome.optional(),
  endedAt: z.string().optional(),
  /** What end-run recorded, whole. */
  result: z.unknown().optional(),
});
export type RunRecord = z.infer<typeof runRecord>;

/** A worker that has not reported for this long is gone: workers report every second. */
export const workerSilenceSeconds = 30;

/** Whether a worker is still busy for this run. A report from the future is as old as one from the past: clocks jump. */
export const hasLiveWorker = (run: Pick<RunRecord, 'worker'>, now: Date): boolean =>
  run.worker !== undefined &&
  Math.abs(now.getTime() - Date.parse(run.worker.heartbeatAt)) < workerSilenceSeconds * 1000;
