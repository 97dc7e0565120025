import { z } from 'zod';

const segment = '[a-z0-9][a-z0-9-]{0,62}';
const roleName = z.string().regex(/^[\w+=,.@-]{1,64}$/, 'the name of a role, without path or account');

const here = z.strictObject({
  /** `tenant/*`, or one workspace of it, which goes before. */
  workspaces: z
    .string()
    .regex(new RegExp(`^${segment}/(${segment}|\\*)$`), 'write it as tenant/* or tenant/workspace'),
  account: z.literal('own'),
});

const elsewhere = here.extend({
  /** Where this tenant's infrastructure stands. */
  account: z.string().regex(/^\d{12}$/, 'own, or the twelve digits of an account'),
  /** In that account, for reading what is there. */
  planRole: roleName.default('orchestrator-plan'),
  /** In that account, for changing it. */
  applyRole: roleName.default('orchestrator-apply'),
  /**
   * What the tenant's roles ask us to name, so that nobody can have us reach them in somebody else's name. No secret,
   * but of one tenant alone.
   */
  externalId: z.string().regex(/^[\w+=,.@:/-]{16,128}$/, 'at least 16 letters, digits or _+=,.@:/-'),
});

/** Where the infrastructure of workspaces stands, and as whom it is reached there. */
export const target = z.union([here, elsewhere]);
export type Target = z.infer<typeof target>;
/** One in an account of a tenant. */
export type TargetElsewhere = z.infer<typeof elsewhere>;

export const isElsewhere = (one: Target): one is TargetElsewhere => one.account !== 'own';

/** Whose it is. */
export const tenantOf = ({ workspaces }: Target): string => workspaces.slice(0, workspaces.indexOf('/'));

/** A function's environment holds 4 KB, other names included. */
const mostCharacters = 2500;

/** Each target belongs to one tenant: no role and no external id serves two. */
export const targets = z
  .array(target)
  .superRefine((list, context) => {
    const refuse = (index: number, key: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [index, key], message });
    const owners = new Map<string, string>();
    const belongs = (index: number, key: string, thing: string, owner: string): void => {
      const other = owners.get(thing) ?? owner;
      owners.set(thing, other);
      if (other !== owner) refuse(index, key, `it serves ${other} already, and must serve one tenant alone`);
    };
    const seen = new Set<string>();
    for (const [index, one] of list.entries()) {
      if (seen.has(one.workspaces)) refuse(index, 'workspaces', `${one.workspaces} stands here twice`);
      seen.add(one.workspaces);
      if (!isElsewhere(one)) continue;
      if (one.planRole === one.applyRole)
        refuse(index, 'applyRole', 'plan and apply need roles of their own: a plan changes nothing');
      const tenant = tenantOf(one);
      belongs(index, 'externalId', `id ${one.externalId}`, tenant);
      belongs(index, 'planRole', `role ${one.account} ${one.planRole}`, tenant);
      belongs(index, 'applyRole', `role ${one.account} ${one.applyRole}`, tenant);
    }
    if (JSON.stringify(list).length > mostCharacters)
      context.addIssue({
        code: 'custom',
        message: `more targets than a function's environment holds (${mostCharacters} characters); use tenant/* where its workspaces share an account`,
      });
  })
  .default([]);
