import * as z from 'zod';
import { segment } from '../shared/names';

const text = z.string().max(2048);

/** What CloudTrail says of a caller, as far as it is used; an unknown field is nothing that we believe. */
export const userIdentity = z.object({
  type: text,
  arn: text.optional(),
  accountId: text.optional(),
  userName: text.optional(),
  invokedBy: text.optional(),
  sessionContext: z
    .object({ sessionIssuer: z.object({ arn: text.optional(), userName: text.optional() }).optional() })
    .optional(),
});
export type UserIdentity = z.infer<typeof userIdentity>;

/** EventBridge's "AWS API Call via CloudTrail". */
export const recordStarterInput = z.object({
  'detail-type': z.literal('AWS API Call via CloudTrail'),
  detail: z.object({
    eventSource: text,
    eventName: text,
    /** To the second. */
    eventTime: z.iso.datetime(),
    errorCode: text.optional(),
    userIdentity,
    /** `null` where the call was refused. */
    responseElements: z.object({ executionArn: text.optional() }).nullish(),
  }),
});
export type RecordStarterInput = z.infer<typeof recordStarterInput>;

export const recordStarterOutput = z.strictObject({
  outcome: z.enum(['recorded', 'ignored']),
  /** `refused`: may not ask for the change that waits; it is void. */
  approval: z.enum(['none', 'told', 'refused']),
});
export type RecordStarterOutput = z.infer<typeof recordStarterOutput>;

const person = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.+@=,-]{0,127}$/, 'a person’s id: letters, digits and _ . + @ = , -');

/** Whose names nobody but their provider can choose. The session name of a role is chosen by whoever assumes it. */
const namesPeople = (principal: string): boolean =>
  ['sso', 'user', 'github', 'schedule'].includes(principal.slice(0, principal.indexOf('/')));

/** Who stands behind an identity of AWS, or of a system that starts runs for others. The first that fits counts. */
export const principalRule = z
  .strictObject({
    /** Such as `sso/Operator/{person}` or `role/ci-deploy/*`; `*` stands for anything but a slash. */
    principal: z
      .string()
      .regex(
        /^(?:root|(?:account\/\d{12}\/)?[a-z-]+(?:\/(?:\{person\}|[A-Za-z0-9_.+@=,*-]{1,128})){1,2})$/,
        'write it as sso/<permission set>/{person}, user/{person}, role/<role>/<session> or <system>/{person}, with * for anything',
      ),
    /** @default what stands at `{person}` */
    person: person.optional(),
    groups: z.array(segment).max(50),
  })
  .superRefine(({ principal, person: named }, context) => {
    const places = principal.split('/').filter((part) => part === '{person}').length;
    const refuse = (message: string) => context.addIssue({ code: 'custom', path: ['principal'], message });
    if (places + (named === undefined ? 0 : 1) !== 1)
      refuse('say who it is once: as {person} in the pattern, or as person beside it');
    if (places > 0 && !namesPeople(principal))
      refuse(
        'whoever assumes a role chooses the name of its session, so {person} is believed of sso/, user/, github/ and schedule/ alone; name the person beside the pattern',
      );
  });
export type PrincipalRule = z.infer<typeof principalRule>;

/** A role of ours that starts runs for whom it has identified itself: people on GitHub, schedules. */
export const ownStarter = z.strictObject({
  /** Name of its role. */
  role: z.string(),
  /** What stands before the person in a principal: `github/octocat`. */
  system: z.string().regex(/^[a-z-]+$/),
});
export type OwnStarter = z.infer<typeof ownStarter>;

export const knownPerson = z.strictObject({
  id: z.string(),
  email: z.string(),
  groups: z.array(z.string()),
});
export type KnownPerson = z.infer<typeof knownPerson>;
