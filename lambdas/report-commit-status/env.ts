import * as z from 'zod';

export const reportCommitStatusEnv = z.object({
  AWS_REGION: z.string(),
  GITHUB_TABLE: z.string(),
  RUNS_TABLE: z.string(),
  APP_SECRET_ARN: z.string(),
  GITHUB_API_URL: z.url(),
  /** Where the approval pages are. */
  PUBLIC_URL: z.url(),
});
