import * as z from 'zod';

export const ruleId = z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'lower-case words with hyphens');
export const severity = z.enum(['low', 'medium', 'high']);

const names = z.array(z.string().min(1)).min(1);
const path = z.string().startsWith('/');
const mode = z.string().regex(/^0[0-7]{3}$/, 'a mode such as "0640", in quotes');
/** What sshd, `/proc/sys` and YAML all read as text: `no` without quotes would be a boolean. */
const valuesByName = <T extends z.ZodType>(value: T) =>
  z.record(z.string().min(1), value).refine((given) => Object.keys(given).length > 0, 'name one at least');

/** How a rule is checked; each is a function of that name in the role's `module_utils/compliance_checks.py`. */
const check = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sshd-values'), settings: valuesByName(names) }),
  z.strictObject({
    kind: z.literal('sshd-ranges'),
    settings: valuesByName(z.tuple([z.int().min(0), z.int().min(0)])),
  }),
  z.strictObject({ kind: z.literal('sshd-algorithms'), settings: names, weak: names }),
  z.strictObject({ kind: z.literal('password-locked'), account: z.string().min(1) }),
  z.strictObject({ kind: z.literal('passwords-not-empty') }),
  z.strictObject({ kind: z.literal('passwords-shadowed') }),
  z.strictObject({
    kind: z.literal('only-account-with-number'),
    account: z.string().min(1),
    number: z.int().min(0),
  }),
  z.strictObject({
    kind: z.literal('unique-entries'),
    database: z.enum(['passwd', 'group']),
    field: z.enum(['name', 'number']),
  }),
  z.strictObject({ kind: z.literal('file-access'), paths: z.array(path).min(1), mode }),
  z.strictObject({ kind: z.literal('sticky-folders'), paths: z.array(path).min(1) }),
  z.strictObject({ kind: z.literal('mount-options'), path, options: names }),
  z.strictObject({ kind: z.literal('sysctl'), values: valuesByName(z.string()) }),
  z.strictObject({ kind: z.literal('written-sysctl'), path }),
  z.strictObject({ kind: z.literal('written-audit-rules'), path }),
  z.strictObject({ kind: z.literal('packages-installed'), packages: names }),
  z.strictObject({ kind: z.literal('packages-absent'), packages: names }),
  z.strictObject({ kind: z.literal('unattended-upgrades') }),
  z.strictObject({ kind: z.literal('unit-active'), unit: z.string().min(1) }),
  z.strictObject({ kind: z.literal('web-service-healthy') }),
  z.strictObject({ kind: z.literal('web-service-confined') }),
  z.strictObject({ kind: z.literal('web-service-release') }),
]);

/** One rule of a host, as data. */
export const rule = z.strictObject({
  id: ruleId.max(64),
  title: z.string().min(1).max(200),
  severity,
  /** Why it matters, in a sentence. */
  rationale: z.string().min(1).max(900),
  /** Whose recommendation it follows, and where that stands. */
  reference: z.string().min(1).max(200).optional(),
  check,
});
export type Rule = z.infer<typeof rule>;
