import * as z from 'zod';

export const lockDoctorEnv = z.object({
  RUNS_TABLE: z.string(),
  LEASES_TABLE: z.string(),
  LEDGER_TABLE: z.string(),
  STATE_BUCKET: z.string(),
  STATE_KEY_ARN: z.string(),
  ARTIFACTS_BUCKET: z.string(),
  SEND_CALLBACK_FUNCTION: z.string(),
});
