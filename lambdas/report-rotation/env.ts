import * as z from 'zod';

export const reportRotationEnv = z.object({ CREDENTIALS_TABLE: z.string() });
