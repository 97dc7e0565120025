import * as z from 'zod';
import { callerLimitsEnv } from '../shared/caller-limits';
import { jsonText } from '../shared/env';
import { githubMapping } from './contract';

export const receiveGithubEnv = z.object({
  GITHUB_TABLE: z.string(),
  /** `{"current": …, "previous": …}`: what GitHub signs with, and what it signed with before a rotation. */
  WEBHOOK_SECRET_ARN: z.string(),
  APP_SECRET_ARN: z.string(),
  GITHUB_API_URL: z.url(),
  /** Where the repositories are fetched from. */
  GITHUB_WEB_URL: z.url(),
  GITHUB_MAPPINGS: jsonText.pipe(z.array(githubMapping)),
  /** By workflow, the ARN of its state machine. */
  STATE_MACHINES: jsonText.pipe(z.record(z.string(), z.string())),
  ...callerLimitsEnv,
});
