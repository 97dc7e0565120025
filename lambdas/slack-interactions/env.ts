import * as z from 'zod';
import { callerLimitsEnv } from '../shared/caller-limits';

export const slackInteractionsEnv = z.object({
  SLACK_SIGNING_SECRET_ARN: z.string(),
  CHANNELS_TABLE: z.string(),
  /** Where people reach the pages, without a trailing slash. */
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')),
  /** Where Slack takes private answers, e.g. `https://hooks.slack.com`. */
  ANSWERS_ORIGIN: z.string(),
  /** Whether this machine itself may be called: only where AWS is emulated. */
  LOOPBACK: z.enum(['yes', 'no']).transform((given) => given === 'yes'),
  ...callerLimitsEnv,
});
