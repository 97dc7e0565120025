import * as z from 'zod';

export const notifyEnv = z.object({ NOTIFICATION_TOPIC_ARN: z.string() });
