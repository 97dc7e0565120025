import * as z from 'zod';
import {
  changeRef,
  complianceResult,
  finalStateKey,
  host,
  pin,
  planMode,
  plannedHost,
  planResult,
  playMode,
  playResult,
  probeResult,
  resourceAddress,
  runRef,
  scriptResult,
  variables,
} from '../shared/contract';
import { gitSource } from '../shared/git-source';
import { healthPath, hostName, segment } from '../shared/names';

/** Plans one module into one workspace. Reads; writes the saved plan and its redacted document, nothing else. */
export const planTask = z.strictObject({
  task: z.literal('terraform-plan'),
  run: runRef,
  module: segment,
  /** Where a module that is not the catalogue's comes from; `module` is then what it is called. */
  source: gitSource.nullish(),
  /** What the workspace was brought to with this module; none: nothing yet, or with another. */
  pin: pin.nullish(),
  variables,
  mode: planMode.default('apply'),
  /** Addresses that the plan is about, and nothing else may be destroyed with; none: the whole workspace. */
  targets: z.array(resourceAddress).max(500).default([]),
  /** Shown and never applied: it waits for no lock, takes none, and no later plan is compared with it. */
  preview: z.boolean().optional(),
});

/** Applies exactly the approved bytes, once; a repeated call returns the first result. */
export const applyTask = z.strictObject({
  task: z.literal('terraform-apply'),
  run: runRef,
  change: changeRef,
});
export const applyResult = z.strictObject({
  counts: planResult.shape.counts,
  /** Hosts that answer, as the applied state has them. */
  hosts: z.array(host).max(100),
  /** Of a destruction: where in the state bucket the state lies as it was before; `null` when there was none. */
  finalState: finalStateKey.nullish(),
  /** When the last of the hosts ends; `null`: by no clock. */
  expiresAt: z.iso.datetime().nullish(),
});

const givenHosts = z.array(z.strictObject({ ...plannedHost.shape, isNew: z.boolean() })).max(100);

/**
 * `check` says what a role would change on hosts that exist and lists its tasks for those that do not;
 * `run` configures, and refuses unless role, variables and hosts are those of the approved change;
 * `rollback` takes the same approved change back, in the way that the role itself declares.
 */
export const ansibleTask = z.strictObject({
  task: z.literal('ansible-run'),
  run: runRef,
  mode: playMode,
  role: segment,
  /** What the workspace was brought to with this role. A check minds it; a run takes what was approved. */
  pin: pin.nullish(),
  variables,
  /** As planned (check) or as applied (run: matched by name against what was approved). */
  hosts: givenHosts,
  /** The names of those hosts that this is done on now; none: all. What was approved is all of them. */
  limit: z.array(hostName).min(1).max(100).nullish(),
  /** Required in every mode but `check`. */
  change: changeRef.nullable(),
});

/** Asks hosts, from outside and over HTTP, whether what they serve is well, every time. */
export const probeTask = z.strictObject({
  task: z.literal('probe-hosts'),
  run: runRef,
  /** As the applied state has them. */
  hosts: givenHosts,
  limit: z.array(hostName).min(1).max(100).nullish(),
  port: z.int().min(1).max(65535),
  path: healthPath,
  /** What an answer must hold. */
  text: z.string().max(256),
  /** How many times each host is asked, and the time between. */
  probes: z.int().min(1).max(60),
  intervalSeconds: z.int().min(0).max(60),
});

export const complianceTask = z.strictObject({
  task: z.literal('compliance-scan'),
  run: runRef,
  hosts: givenHosts,
});

/** `check` shows what would be run; `run` runs it once, and refuses unless it is that of the approved change. */
export const scriptTask = z.strictObject({
  task: z.literal('script-run'),
  run: runRef,
  mode: z.enum(['check', 'run']),
  script: segment,
  parameters: variables,
  /** Required in run mode. */
  change: changeRef.nullable(),
});

export const runnerInput = z.discriminatedUnion('task', [
  planTask,
  applyTask,
  ansibleTask,
  complianceTask,
  probeTask,
  scriptTask,
]);
/** What the block `fargate-task` takes: one task, and the identity whose task definition does it. */
export const fargateTask = z.strictObject({
  identity: z.enum(['plan', 'apply', 'ansible']),
  task: z.discriminatedUnion('task', [planTask, applyTask, ansibleTask, complianceTask, probeTask]),
});
export type RunnerInput = z.infer<typeof runnerInput>;
export const runnerOutput = z.union([
  planResult,
  applyResult,
  playResult,
  complianceResult,
  probeResult,
  scriptResult,
]);
export type RunnerOutput = z.infer<typeof runnerOutput>;
export type PlanTask = z.infer<typeof planTask>;
export type ApplyTask = z.infer<typeof applyTask>;
export type ApplyResult = z.infer<typeof applyResult>;
export type AnsibleTask = z.infer<typeof ansibleTask>;
export type ProbeTask = z.infer<typeof probeTask>;
export type ComplianceTask = z.infer<typeof complianceTask>;
export type ScriptTask = z.infer<typeof scriptTask>;

/**
 * What the command-line entry leaves at `runs/<runId>/results/<resultName>.json` for the workflow to read:
 * the result, or the named error. Either way it exits 0; any other exit means that nothing could be written.
 */
export const runnerReport = z.union([
  z.strictObject({ ok: z.literal(true), output: runnerOutput }),
  z.strictObject({ ok: z.literal(false), error: z.strictObject({ name: z.string(), message: z.string() }) }),
]);

/** What a worker may write of its run's record: that it lives, and what it did to its end. */
export const workerAttributes = ['runId', 'worker', 'finished', 'interrupted'];
