import * as z from 'zod';
import { ruleResult } from './compliance-document';
import { objectRef } from './contract';

/** One check of a workspace, remembered so that the next can tell where it is going. */
export const complianceCheck = z.strictObject({
  runId: z.string().max(80),
  at: z.string().max(32),
  score: z.int().min(0).max(100).nullable(),
  failed: z.int().min(0),
  waived: z.int().min(0),
});
export type ComplianceCheck = z.infer<typeof complianceCheck>;

export const reportedResult = z.strictObject({
  ...ruleResult.shape,
  /** Of this very result, in whichever check it is seen. */
  key: z.string().max(16),
  in: z.enum(['host', 'module', 'plan']),
  /** The host's name, the module's, or the address of a resource. */
  what: z.string().max(300),
  /** When it was first seen to fail; `null` where it does not. */
  since: z.string().max(32).nullable(),
});
export type ReportedResult = z.infer<typeof reportedResult>;

/** How a workspace stands with the rules: on its hosts, in its module's source, and in the plan of what was applied. */
export const complianceReport = z.strictObject({
  version: z.literal(1),
  runId: z.string().max(80),
  workspace: z.string().max(127),
  checkedAt: z.string().max(32),
  score: complianceCheck.shape.score,
  results: z.array(reportedResult),
  /** What was not looked at, and why, in sentences. */
  remarks: z.array(z.string().max(500)),
  /** This check and those before it, the oldest first. */
  trend: z.array(complianceCheck),
  /** The scan of the hosts; `null` where there are none. */
  scan: objectRef.nullable(),
  plan: objectRef,
});
export type ComplianceReport = z.infer<typeof complianceReport>;
