import * as z from 'zod';

export const deliverWebhookEnv = z.object({
  URL: z.string(),
  /** Holds one or two `whsec_…`. */
  SECRET_ARN: z.string(),
  PEOPLE_TABLE: z.string(),
  QUEUE_URL: z.string(),
  DEAD_LETTERS_URL: z.string(),
  /** Whether this machine itself may be called: only where AWS is emulated. */
  LOOPBACK: z.enum(['yes', 'no']).transform((given) => given === 'yes'),
});
