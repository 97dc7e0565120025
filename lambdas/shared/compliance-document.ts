import * as z from 'zod';
import { severity } from '../compliance-rules/rule';
import { appliedWaiver } from '../compliance-rules/waiver';

/** How one rule stands, and why it matters. */
export const ruleResult = z.strictObject({
  id: z.string().max(64),
  title: z.string().max(256),
  severity,
  rationale: z.string().max(1024),
  reference: z.string().max(256).nullable(),
  status: z.enum(['pass', 'fail', 'waived', 'not-applicable']),
  /** What was found, in a sentence. */
  evidence: z.string().max(1024),
  /** Of one that would fail, or fails because it has ended. */
  waiver: appliedWaiver.nullable(),
});

const told = z.string().max(8192);
/** One rule as the role `compliance-audit` reports it: nothing in it is waived, cut or cleaned yet. */
export const auditedRule = ruleResult.omit({ waiver: true }).extend({
  title: told,
  rationale: told,
  reference: told.nullish(),
  evidence: told,
  status: ruleResult.shape.status.exclude(['waived']),
});

/** The report of one compliance scan. */
export const complianceDocument = z.strictObject({
  version: z.literal(2),
  runId: z.string().max(80),
  workspace: z.string().max(127),
  scannedAt: z.string().max(32),
  hosts: z.array(z.strictObject({ name: z.string().max(63), rules: z.array(ruleResult) })),
});
export type ComplianceDocument = z.infer<typeof complianceDocument>;
