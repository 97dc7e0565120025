import * as z from 'zod';
import { jsonText } from '../shared/env';
import { witness } from './contract';

export const checkpointLedgerEnv = z.object({
  LEDGER_TABLE: z.string(),
  AUDIT_BUCKET: z.string(),
  LEDGER_KEY_ARN: z.string(),
  /** The name of the key; the log of a tenant is `<origin>/<tenant>`. */
  LEDGER_ORIGIN: z.string(),
  /** JSON: those who cosign. */
  WITNESSES: jsonText.pipe(z.array(witness)),
  /** Whether witnesses may be on this machine. */
  LOOPBACK: z.enum(['yes', 'no']).transform((value) => value === 'yes'),
});
