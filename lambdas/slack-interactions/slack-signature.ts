import { createHmac, timingSafeEqual } from 'node:crypto';
import type { HttpRequest } from '../shared/http';

/** Older, or further ahead, is a replay or somebody else's clock. */
export const windowSeconds = 300;

/**
 * Whether Slack sent this within the last five minutes: `v0=` HMAC-SHA256 over `v0:<time>:<body as it came>`.
 * The comparison takes the same time whatever was sent.
 */
export const isFromSlack = (
  { headers, body }: Pick<HttpRequest, 'headers' | 'body'>,
  secret: string,
  now: Date,
): boolean => {
  const timestamp = headers['x-slack-request-timestamp'] ?? '';
  const expected = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest();
  const given = /^v0=([0-9a-f]{64})$/.exec(headers['x-slack-signature'] ?? '')?.[1];
  const isSame = timingSafeEqual(expected, Buffer.from(given ?? '0'.repeat(64), 'hex'));
  const isNow =
    /^\d{1,12}$/.test(timestamp) && Math.abs(now.getTime() / 1000 - Number(timestamp)) <= windowSeconds;
  return given !== undefined && secret !== '' && isSame && isNow;
};
