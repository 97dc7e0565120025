import * as z from 'zod';
import { freeze, freezeScope } from '../shared/freeze-store';

/** What a person types to start `set-freeze`. */
export const setFreezeInput = z.strictObject({
  action: z.enum(['freeze', 'unfreeze']),
  scope: freezeScope.describe('all, a tenant, or <tenant>/<name>'),
  reason: z.string().trim().min(3).max(1000).describe('why; told to whoever is held up, and recorded'),
  until: z.iso.datetime().nullable().default(null).describe('when a freeze ends by itself; null: never'),
  by: z.string().trim().min(1).max(128).default('unknown').describe('who says so; unverified'),
});
export const setFreezeStep = z.strictObject({
  /** The execution: the same one twice is recorded once. */
  executionArn: z.string().max(512),
  at: z.iso.datetime(),
  /** The execution's input as it came. */
  input: setFreezeInput,
});
export const setFreezeOutput = z.strictObject({ scope: freezeScope, freeze: freeze.nullable() });
export type SetFreezeStep = z.infer<typeof setFreezeStep>;
export type SetFreezeOutput = z.infer<typeof setFreezeOutput>;
