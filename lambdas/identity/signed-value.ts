import { createHmac, timingSafeEqual } from 'node:crypto';

const macOf = (secret: string, purpose: string, value: string): Buffer =>
  createHmac('sha256', secret).update(`${purpose}\n${value}`).digest();

/** A value that only we can make, for one purpose: `<value>.<mac>`. It is not secret. */
export const signValue = (secret: string, purpose: string, value: string): string =>
  `${value}.${macOf(secret, purpose, value).toString('base64url')}`;

/** The value, if we made it for this purpose. Compares in constant time. */
export const readSigned = (secret: string, purpose: string, signed: string): string | undefined => {
  const at = signed.lastIndexOf('.');
  const value = signed.slice(0, Math.max(at, 0));
  const expected = macOf(secret, purpose, value);
  const given = Buffer.from(signed.slice(at + 1), 'base64url');
  return given.length === expected.length && timingSafeEqual(given, expected) ? value : undefined;
};
