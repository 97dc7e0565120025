import * as z from 'zod';
import { playMode } from './contract';

/** What a playbook does (check) or did (run), task by task and host by host. Secrets are masked. */
export const playDocument = z.strictObject({
  version: z.literal(1),
  mode: playMode,
  role: z.string().max(63),
  /** The role's variables as given; values whose specification says `no_log` are `(sensitive)`. */
  variables: z.array(z.strictObject({ name: z.string().max(128), value: z.string().max(4096) })),
  hosts: z.array(
    z.strictObject({
      name: z.string().max(63),
      /** The host does not exist yet: its tasks are listed, not tried. */
      isNew: z.boolean(),
      tasks: z.array(
        z.strictObject({
          name: z.string().max(512),
          /** Module, fully qualified, e.g. `ansible.builtin.copy`. */
          action: z.string().max(128),
          status: z.enum(['ok', 'changed', 'skipped', 'failed', 'unreachable', 'planned']),
          /** Unified diff or message, masked and cut; empty where the tool gave none. */
          detail: z.string().max(8192),
        }),
      ),
    }),
  ),
});
export type PlayDocument = z.infer<typeof playDocument>;
