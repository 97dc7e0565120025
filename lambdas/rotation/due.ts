import { createHash } from 'node:crypto';

const dayMs = 86_400_000;
/** A credential is due up to this part of its period early, and never more than two days. */
const earliest = { part: 0.1, days: 2 };

/** A number from 0 up to 1 that is always the same for this text. */
export const fractionOf = (text: string): number =>
  createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;

/**
 * When a credential is due: its period after it last changed, less a share of its own, so that credentials that were
 * made together are not due together.
 */
export const dueAt = (of: { readonly id: string; readonly days: number }, since: string): string => {
  const spreadDays = Math.min(of.days * earliest.part, earliest.days);
  const days = of.days - spreadDays * fractionOf(of.id);
  return new Date(Date.parse(since) + Math.round(days * dayMs)).toISOString();
};
