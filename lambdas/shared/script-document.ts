import * as z from 'zod';

/** What a script is about to do (check) or did (run): its source, what it is given, and within which bounds. Secrets are masked. */
export const scriptDocument = z.strictObject({
  version: z.literal(1),
  mode: z.enum(['check', 'run']),
  script: z.string().max(63),
  description: z.string().max(500),
  /** `python`, `shell` or `powershell`, and what it says about its version. */
  interpreter: z.strictObject({ name: z.string().max(16), version: z.string().max(128) }),
  /** Every file of the script; `null` where a file is no text. */
  files: z
    .array(z.strictObject({ path: z.string().max(256), text: z.string().max(65_536).nullable() }))
    .max(32),
  parameters: z.array(z.strictObject({ name: z.string().max(128), value: z.string().max(4096) })),
  limits: z.strictObject({ seconds: z.int(), memoryMib: z.int() }),
  /** What this worker can take away from the script; `network` is `true` also when the script asks for the network. */
  isolation: z.strictObject({ user: z.boolean(), processes: z.boolean(), network: z.boolean() }),
  /** Whether the script declares that it needs the network. */
  needsNetwork: z.boolean(),
  /** Absent in check mode: nothing was run. */
  run: z
    .strictObject({
      exitCode: z.int(),
      seconds: z.number().min(0),
      /** The end of what it printed. */
      output: z.string().max(8192),
    })
    .nullable(),
});
export type ScriptDocument = z.infer<typeof scriptDocument>;
