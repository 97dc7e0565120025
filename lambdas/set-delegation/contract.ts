import * as z from 'zod';
import { person } from '../approval-rules/people';
import { delegationRecord } from '../shared/delegation-store';

const { id } = person.shape;

/** Lets somebody answer for another until a day, or ends that. */
export const setDelegationInput = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('make'),
    from: id,
    to: id,
    until: z.iso.datetime(),
    reason: z.string().trim().min(3).max(500),
    /** Who says so; unverified. */
    by: z.string().trim().min(1).max(128),
  }),
  z.strictObject({ action: z.literal('end'), from: id, by: z.string().trim().min(1).max(128) }),
]);
export const setDelegationOutput = delegationRecord;
export type SetDelegationInput = z.infer<typeof setDelegationInput>;
