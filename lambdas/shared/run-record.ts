import * as z from 'zod';
import { changeRef, compensationKind, outcome, place, places, planResult, variables } from './contract';
import { gitSource } from './git-source';
import { runId } from './names';

/** What a run was asked to bring its workspace to, as it was checked. */
export const runContent = z.strictObject({
  /** `null` where a run works on no Terraform state. */
  module: z.string().nullable(),
  /** Where a module that is not the catalogue's comes from. */
  source: gitSource.nullable().default(null),
  variables,
  /** `null` where a run configures nothing. */
  role: z.string().nullable(),
  roleVariables: variables,
  upgrade: z.boolean(),
  /** Absent where a run runs no script. */
  script: z.strictObject({ name: z.string(), parameters: variables }).nullish(),
  /** What is rolled out, and how. */
  release: z
    .strictObject({
      application: z.string(),
      version: z.string(),
      port: z.int(),
      healthPath: z.string(),
      healthText: z.string(),
      rollout: z.strictObject({
        canary: z.int(),
        batchSize: z.int(),
        bakeSeconds: z.int(),
        probes: z.int(),
        probeIntervalSeconds: z.int(),
      }),
    })
    .nullish(),
  /** Set where a run shows what would change and no more: it neither holds its workspace nor leaves anything in it. */
  preview: z.literal(true).nullish(),
  /** The run that this one is part of, and that tells people of it. */
  partOf: runId.nullish(),
  /** Where its input says that it plans and applies. */
  runsOn: place.nullish(),
  /** What becomes of what was applied when the run fails afterwards. */
  onFailure: compensationKind.default('keep'),
  reason: z.string(),
  requestedBy: z.string().nullable(),
  approvalTimeoutSeconds: z.int(),
});
export type RunContent = z.infer<typeof runContent>;

/** What a change does, in numbers; `digest` is the change's. */
export const changeSummary = z.strictObject({
  add: z.int(),
  change: z.int(),
  destroy: z.int(),
  playbookChanged: z.int(),
  digest: z.string(),
});

/** What a worker leaves when it did a task: what it worked for, and how long it took. */
export const finishedTask = z.object({
  changeId: z.string().nullable(),
  at: z.string(),
  seconds: z.number(),
});
export type FinishedTask = z.infer<typeof finishedTask>;

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
  /** Who really sent its start, by their principal: `sso/Operator/alex`. Empty until CloudTrail has told. */
  startedBy: z
    .record(z.string(), z.object({ person: z.string(), groups: z.array(z.string()), at: z.string() }))
    .optional(),
  reason: z.string().optional(),
  content: runContent.optional(),
  change: changeRef.optional(),
  /** With the change: what its configuration and its report need of its plan. */
  bound: z.object({ hosts: planResult.shape.hosts, summary: changeSummary }).optional(),
  /** 1, and one more for each time that it was resumed. */
  attempt: z.int().optional(),
  /**
   * The run that this one resumes, and the change of it that this one may carry on: the one thing that lets a run
   * work on a change that was bound for another.
   */
  resumes: z.object({ runId: z.string(), changeId: z.string().nullable() }).optional(),
  /** By the runner's task, e.g. `terraform-apply`, `ansible-run-check`; written by the worker that did it. */
  finished: z.record(z.string(), finishedTask).optional(),
  /** Where it plans and applies. */
  places: places.optional(),
  /** The task that ran out of time, under the name that it would be finished by. */
  interrupted: z.object({ task: z.string(), at: z.string(), seconds: z.number() }).optional(),
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
