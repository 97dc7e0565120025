import { createHmac } from 'node:crypto';

const secretPattern = /^whsec_([A-Za-z0-9+/]{32,88}={0,2})$/;

/**
 * The keys of a secret's text: one `whsec_…`, or two apart by white space while one takes the other's place.
 *
 * @throws Error that names no part of the secret.
 */
export const signingKeys = (text: string): Buffer[] => {
  const keys = text
    .trim()
    .split(/\s+/)
    .map((secret) => Buffer.from(secretPattern.exec(secret)?.[1] ?? '', 'base64'));
  if (keys.length > 2 || keys.some(({ length }) => length < 24 || length > 64))
    throw new Error('The secret must hold one or two whsec_ followed by 24 to 64 bytes as base64.');
  return keys;
};

/** The header `webhook-signature` of Standard Webhooks: one signature for each key. */
export const webhookSignature = (
  keys: readonly Buffer[],
  { id, timestamp, body }: { readonly id: string; readonly timestamp: number; readonly body: string },
): string =>
  keys
    .map((key) => `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`)
    .join(' ');
