import * as z from 'zod';

export const buildRunnerImageEnv = z.object({ PROJECT_NAME: z.string() });
