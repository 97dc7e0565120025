import * as z from 'zod';
import { concurrencyCaps } from '../shared/contract';
import { jsonText } from '../shared/env';

export const awaitLeaseEnv = z.object({
  RUNS_TABLE: z.string(),
  LEASES_TABLE: z.string(),
  /** JSON: `{"default": 5, "tenants": {"acme": 2}}`. */
  CONCURRENCY: jsonText.pipe(concurrencyCaps),
  LEDGER_TABLE: z.string(),
  SEND_CALLBACK_FUNCTION: z.string(),
});
