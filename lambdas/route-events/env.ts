import * as z from 'zod';
import { channelLimits, route } from '../channels/contract';
import { jsonText } from '../shared/env';

export const routeEventsEnv = z.object({
  ENVIRONMENT: z.string(),
  /** Where people reach the pages, without a trailing slash. */
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')),
  /** JSON: each channel, and the queue from which it is served. */
  CHANNELS: jsonText.pipe(
    z.array(z.strictObject({ ...channelLimits.shape, queue: z.string(), inOrder: z.boolean() })),
  ),
  /** JSON */
  ROUTES: jsonText.pipe(z.array(route)),
});
