import * as z from 'zod';
import { moduleConfiguration } from './module-policy';

const change = z.object({
  actions: z.array(z.string()),
  before: z.unknown(),
  after: z.unknown(),
  after_unknown: z.unknown(),
  before_sensitive: z.unknown(),
  after_sensitive: z.unknown(),
  replace_paths: z.array(z.array(z.union([z.string(), z.number()]))).optional(),
});

const resourceChange = z.object({ address: z.string(), mode: z.string(), type: z.string(), change });

/** The parts of `tofu show -json <plan>` that are read. It holds secrets in clear: it never leaves the worker. */
export const planJson = z.object({
  terraform_version: z.string(),
  variables: z.record(z.string(), z.object({ value: z.json().optional() })).optional(),
  resource_changes: z.array(resourceChange).optional(),
  /** What differs between the state and the world. */
  resource_drift: z.array(resourceChange).optional(),
  output_changes: z.record(z.string(), change).optional(),
  configuration: moduleConfiguration,
});
export type PlanJson = z.infer<typeof planJson>;
export type PlannedChange = z.infer<typeof change>;
