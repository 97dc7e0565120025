import * as z from 'zod';
import { jsonText } from '../shared/env';

export const deliverSlackEnv = z.object({
  /** JSON: Slack's id of each channel, by the name that routes use. */
  CHANNELS: jsonText.pipe(z.record(z.string(), z.string())),
  BOT_TOKEN_ARN: z.string(),
  /** Without a slash at its end. */
  API_URL: z.string(),
  CHANNELS_TABLE: z.string(),
  PEOPLE_TABLE: z.string(),
  QUEUE_URL: z.string(),
  DEAD_LETTERS_URL: z.string(),
  /** Whether this machine itself may be called: only where AWS is emulated. */
  LOOPBACK: z.enum(['yes', 'no']).transform((given) => given === 'yes'),
});
