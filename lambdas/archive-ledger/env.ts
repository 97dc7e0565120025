import * as z from 'zod';

export const archiveLedgerEnv = z.object({ AUDIT_BUCKET: z.string() });
