import { createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';

/** What GitHub signs with now, and what it signed with before: both count while they are exchanged. */
export const webhookSecrets = z.strictObject({
  current: z.string().min(20).max(256),
  previous: z.string().min(20).max(256).optional(),
});
export type WebhookSecrets = z.infer<typeof webhookSecrets>;

const headerPattern = /^sha256=([0-9a-f]{64})$/;
const impossible = '0'.repeat(64);

/** Whether these very bytes were signed with one of the secrets. Takes as long for any signature. */
export const isSigned = (
  body: Uint8Array,
  header: string | undefined,
  { current, previous = current }: WebhookSecrets,
): boolean => {
  const [, hex] = headerPattern.exec(header ?? '') ?? [];
  const given = Buffer.from(hex ?? impossible, 'hex');
  let fits = false;
  for (const secret of [current, previous])
    if (timingSafeEqual(given, createHmac('sha256', secret).update(body).digest())) fits = true;
  return fits && hex !== undefined;
};
