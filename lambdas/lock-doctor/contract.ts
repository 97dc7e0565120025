import * as z from 'zod';
import { runId, segment, workspaceName } from '../shared/names';

/** Only looks: who has this workspace, or workspaces of this tenant, and who waits. */
export const queueInput = z.strictObject({ queueOf: z.union([workspaceName, segment]) });
export type QueueInput = z.infer<typeof queueInput>;

/** One workspace to examine, or a sweep over all that are locked, held without a worker, or to be restored. */
const examineInput = z.union([
  z.strictObject({
    workspace: workspaceName,
    /** @default true; `false` only says what is to be done. */
    repair: z.boolean().optional(),
  }),
  z.strictObject({ sweep: z.literal(true) }),
]);

export const repair = z.enum(['release-lock', 'release-lease', 'restore-state']);
export type Repair = z.infer<typeof repair>;

export const diagnosis = z.strictObject({
  workspace: workspaceName,
  /** `wait`: something is held by what may be alive, or must be looked at by a person. */
  verdict: z.enum(['healthy', 'wait', 'repair']),
  /** What was found and what follows from it, in sentences. */
  findings: z.array(z.string()),
  /** What was done. */
  repairs: z.array(repair),
});
export type Diagnosis = z.infer<typeof diagnosis>;

export const queue = z.strictObject({
  scope: queueInput.shape.queueOf,
  /** Workspaces that runs of the tenant may have at once; `null`: no cap limits them, or nobody has or wants one. */
  cap: z.int().nullable(),
  held: z.array(z.strictObject({ workspace: workspaceName, runId, since: z.string() })),
  /** In the order in which they are served. */
  waiting: z.array(
    z.strictObject({
      runId,
      workspace: workspaceName,
      /** The run that has the workspace; `null`: it waits for a place of its tenant. */
      behind: runId.nullable(),
    }),
  ),
});
export type Queue = z.infer<typeof queue>;

export const examineOutput = z.strictObject({ examined: z.array(diagnosis) });
export const lockDoctorInput = z.union([examineInput, queueInput]);
export const lockDoctorOutput = z.union([examineOutput, queue]);
export type LockDoctorInput = z.infer<typeof examineInput>;
export type LockDoctorOutput = z.infer<typeof examineOutput>;
