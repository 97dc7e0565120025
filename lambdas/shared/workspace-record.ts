import * as z from 'zod';
import { complianceCheck } from './compliance-report';
import { objectRef, variables } from './contract';
import { runId, segment, sha256, workspaceName } from './names';

/** What a workspace was last brought to, whole: its change is applied, its hosts are configured and audited. */
export const appliedContent = z.strictObject({
  runId,
  changeId: z.string().max(128),
  at: z.string().max(32),
  module: segment,
  moduleDigest: sha256,
  variables,
  /** `null` where nothing was configured. */
  role: segment.nullable(),
  roleDigest: sha256.nullable(),
  roleVariables: variables,
});
export type AppliedContent = z.infer<typeof appliedContent>;

/** What differs from what was applied, when it was last looked for. */
export const knownDrift = z.strictObject({
  runId,
  checkedAt: z.string().max(32),
  total: z.int().min(0),
  /** When each was first seen, by a key of the drift document. */
  since: z.record(z.string().max(1200), z.string().max(32)),
  /** A `DriftDocument`. Absent of a check that was made before acceptance was possible. */
  document: objectRef.optional(),
  /** What somebody accepted as it is: the digest of exactly what, by the same key. */
  accepted: z.record(z.string().max(16), z.string().max(16)).optional(),
});
export type KnownDrift = z.infer<typeof knownDrift>;

/** How a workspace stood with the rules, when it was last checked and before. */
export const knownCompliance = z.strictObject({
  /** When each that fails was first seen, by a key of the report. */
  since: z.record(z.string().max(16), z.string().max(32)),
  /** The oldest first. */
  checks: z.array(complianceCheck),
});
export type KnownCompliance = z.infer<typeof knownCompliance>;

/** When what is applied is due to be destroyed. */
export const timeToLive = z.strictObject({
  expiresAt: z.iso.datetime(),
  /** Hours before it of the last warning that was sent, or was past when this was noted. */
  warned: z.int().min(1).nullable(),
  /** The run that was started when it was over. */
  endedBy: runId.nullable(),
});
export type TimeToLive = z.infer<typeof timeToLive>;

/** One workspace in the workspaces table (partition key `workspace`). */
export const workspaceRecord = z.object({
  workspace: workspaceName,
  /** Absent before the first whole success, and after a destruction. */
  applied: appliedContent.optional(),
  /** The last change that was bound here: it voids the approvals of all that were bound before. */
  newestChange: z.object({ changeId: z.string(), runId: z.string(), at: z.string() }).optional(),
  /** Seconds that each task of the runner took when it was last done here. */
  durations: z.record(z.string(), z.number()).optional(),
  /** Tasks that ran out of time when they were last tried here. */
  interrupted: z.array(z.string()).optional(),
  drift: knownDrift.optional(),
  compliance: knownCompliance.optional(),
  /** Absent of what ends by no clock. */
  timeToLive: timeToLive.optional(),
});
export type WorkspaceRecord = z.infer<typeof workspaceRecord>;
