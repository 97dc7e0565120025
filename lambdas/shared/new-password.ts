import { randomInt } from 'node:crypto';

const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';

/** 40 characters of 57: 233 bits, and nothing that a program would have to quote. */
export const newPassword = (): string =>
  Array.from({ length: 40 }, () => alphabet[randomInt(alphabet.length)]).join('');
