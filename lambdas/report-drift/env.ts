import * as z from 'zod';

export const reportDriftEnv = z.object({ RUNS_TABLE: z.string(), ARTIFACTS_BUCKET: z.string() });
