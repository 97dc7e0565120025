import * as z from 'zod';
import {
  compensationKind,
  contentOrigin,
  objectRef,
  type PlanCounts,
  planCounts,
  planResult,
  type playResult,
} from './contract';
import { runId, sha256, workspaceName } from './names';

/**
 * Everything a run is about to do, bound by digests. An approval is an approval of this document's digest
 * and of nothing else: a new plan, another role, other variables or hosts make another change.
 */
export const change = z.strictObject({
  version: z.literal(1),
  id: z.string().max(128),
  runId,
  workflow: z.string().max(80),
  workspace: workspaceName,
  reason: z.string().max(1000),
  /** Who the starter claims to be; unverified until an identity is attached to the start. */
  requestedBy: z.string().max(128).nullable(),
  /** It undoes what the same run did before it failed. */
  compensates: compensationKind.exclude(['keep']).optional(),
  createdAt: z.string().max(32),
  expiresAt: z.string().max(32),
  /** What OpenTofu is about to do; `null` where a change is a script alone. */
  plan: z
    .strictObject({
      ref: objectRef,
      document: objectRef,
      mode: planResult.shape.mode,
      counts: planCounts,
      empty: z.boolean(),
      module: z.string().max(63),
      digests: planResult.shape.digests,
      content: contentOrigin,
      engine: planResult.shape.engine,
      policy: planResult.shape.policy,
    })
    .nullable(),
  playbook: z
    .strictObject({
      role: z.string().max(63),
      document: objectRef,
      changed: z.int().min(0),
      digests: z.strictObject({ role: sha256, variables: sha256, hosts: sha256 }),
      content: contentOrigin,
    })
    .nullable(),
  script: z
    .strictObject({
      name: z.string().max(63),
      document: objectRef,
      digests: z.strictObject({ script: sha256, parameters: sha256 }),
    })
    .nullable(),
});
export type Change = z.infer<typeof change>;
export type BoundPlan = NonNullable<Change['plan']>;

/** What a change does to resources, whether or not it has a plan. */
export const countsOf = ({ plan }: Pick<Change, 'plan'>): PlanCounts =>
  plan?.counts ?? { create: 0, update: 0, replace: 0, delete: 0 };

/** How many resources that exist are lost. */
export const lostOf = (counts: Pick<PlanCounts, 'delete' | 'replace'>): number =>
  counts.delete + counts.replace;
export const lostIn = (change: Pick<Change, 'plan'>): number => lostOf(countsOf(change));

export type Playbook = z.infer<typeof playResult>;
