import * as z from 'zod';
import { runId } from '../shared/names';

/** Called with `.waitForTaskToken`: its return value is not the wait's result, the grant is. */
export const awaitLeaseInput = z.strictObject({
  runId,
  /** Kept in the leases table alone; nothing else ever sees it. */
  taskToken: z.string().min(1).max(2048),
});
export const awaitLeaseOutput = z.strictObject({ workspace: z.string(), how: z.enum(['granted', 'queued']) });
export type AwaitLeaseInput = z.infer<typeof awaitLeaseInput>;
export type AwaitLeaseOutput = z.infer<typeof awaitLeaseOutput>;
