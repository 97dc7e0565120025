import * as z from 'zod';

/** The report of one compliance scan. */
export const complianceDocument = z.strictObject({
  version: z.literal(1),
  runId: z.string().max(80),
  workspace: z.string().max(127),
  scannedAt: z.string().max(32),
  hosts: z.array(
    z.strictObject({
      name: z.string().max(63),
      rules: z.array(
        z.strictObject({
          id: z.string().max(64),
          title: z.string().max(256),
          severity: z.enum(['low', 'medium', 'high']),
          status: z.enum(['pass', 'fail', 'not-applicable']),
          /** What was found, in a sentence. */
          evidence: z.string().max(1024),
        }),
      ),
    }),
  ),
});
export type ComplianceDocument = z.infer<typeof complianceDocument>;
