import * as z from 'zod';
import { person } from '../approval-rules/people';

const identity = z.string().trim().min(1).max(512);
const text = z.string().trim().min(3).max(500);

/** Where the next call goes on; what it holds is of no concern to the caller. */
const cursor = z.strictObject({ source: z.string().max(32), after: z.json().nullable() });

const common = {
  /** Whose data: the id by which approvals and runs know them. */
  person: person.shape.id,
  /** Other names of theirs that earlier calls found. */
  also: z.array(identity).max(100).default([]),
  /** @default from the beginning */
  from: cursor.nullable().default(null),
};

/** Tells what is held of one person, or erases it. One call does a part; the next goes on where it ended. */
export const personalDataInput = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('export'), ...common }),
  z.strictObject({
    action: z.literal('erase'),
    ...common,
    /** Why; kept apart like every text. */
    reason: text,
    /** Who says so; unverified. */
    by: z.string().trim().min(1).max(128),
  }),
]);

/** One thing that is held of the person, and where it stands. */
export const heldItem = z.strictObject({ where: z.string(), key: z.string(), data: z.json() });

export const personalDataOutput = z.strictObject({
  /** What was found, as it was before anything was erased. */
  found: z.array(heldItem),
  /** What keeps the person from being erased now, as sentences. */
  hindrances: z.array(z.string()),
  /** All names of theirs that are known by now. */
  also: z.array(identity),
  /** `null`: that was the last part. */
  next: cursor.nullable(),
});
export type PersonalDataInput = z.infer<typeof personalDataInput>;
export type PersonalDataOutput = z.infer<typeof personalDataOutput>;
export type HeldItem = z.infer<typeof heldItem>;
