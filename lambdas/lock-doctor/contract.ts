import * as z from 'zod';
import { workspaceName } from '../shared/names';

/** One workspace to examine, or a sweep over all that are locked, held without a worker, or to be restored. */
export const lockDoctorInput = z.union([
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

export const lockDoctorOutput = z.strictObject({ examined: z.array(diagnosis) });
export type LockDoctorInput = z.infer<typeof lockDoctorInput>;
export type LockDoctorOutput = z.infer<typeof lockDoctorOutput>;
