import { z } from 'zod';

/**
 * The words for what people do here: names of IAM roles, and of the groups that sign-in and the rules of approvals know
 * (docs/roles.md).
 */
export const peopleRoles = ['operator', 'approver', 'auditor', 'admin', 'break-glass'] as const;
export type PeopleRole = (typeof peopleRoles)[number];

/** Somebody who may become a role. */
const identity = z
  .string()
  .regex(
    /^(?:\d{12}:)?(?:root|(?:role|user)\/[\w+=,.@/*-]{1,512})$/,
    'write it as role/<path and name>, user/<name> or root, with * for anything, after 123456789012: for another account',
  )
  .refine(
    (text) => !/^(?:\d{12}:)?(?:role|user)\/\**$/.test(text),
    'everybody is not an answer: name a role or a user',
  );

/** Who may become which role of people. A role that is not named here is not made. */
export const access = z
  .partialRecord(
    z.enum(peopleRoles),
    z.strictObject({
      /** @default nobody; what the role may do can still be put into a permission set of IAM Identity Center */
      assumedBy: z.array(identity).max(20).default([]),
    }),
  )
  .default({});
export type AccessConfig = z.infer<typeof access>;
