import { promises as fs } from 'node:fs';
import type { BoundPlan, Change } from '../shared/change';
import { applyPrefix } from '../shared/change-results';
import type { PlanCounts } from '../shared/contract';
import { requireTimely } from '../shared/decided-approval';
import { canonicalJson, sha256Hex } from '../shared/digest';
import { ChangeMismatchError, StalePlanError } from '../shared/errors';
import { endOf } from '../shared/time-to-live';
import { readApprovedChange, requireSame } from './approved-change';
import { type Content, readContent } from './content';
import { type ApplyResult, type ApplyTask, applyResult } from './contract';
import { readKeptModule } from './kept-content';
import { forgetPlan } from './latest-plan';
import { checkModuleConfiguration, checkModuleFiles } from './module-policy';
import { sensitiveValues } from './plan-document';
import { type PlanJson, planJson } from './plan-json';
import { type PlanPolicy, readPlanPolicy } from './plan-policy';
import { hostsOf } from './planned-hosts';
import { rescueState } from './rescue-state';
import type { RunnerDeps, TerraformContext } from './runner';
import { openTaskTofu } from './task-tofu';
import type { Tofu } from './tofu';

type ApplicableChange = Change & { readonly plan: BoundPlan };

const hasPlan = (change: Change): change is ApplicableChange => change.plan !== null;

const verifyWorker = async (
  change: ApplicableChange,
  module: Content,
  policy: PlanPolicy,
  tofu: Tofu,
): Promise<void> => {
  const { digests, engine } = change.plan;
  requireSame('the module', change.id, digests.module, module.digest);
  const lockFile = sha256Hex(module.files.get('.terraform.lock.hcl') ?? '');
  requireSame("the module's lock file", change.id, digests.lockFile, lockFile);
  requireSame('the policy on plans', change.id, change.plan.policy.digest, policy.content.digest);
  requireSame("OpenTofu's version on the worker", change.id, engine.version, await tofu.version());
};

/**
 * Whether nothing is left to do with the plan's own values: a stale plan that an earlier call began to apply is
 * then stale because it was carried out. After a plan that only deletes, an empty workspace is such an end too.
 */
const leavesNothingToDo = async (plan: PlanJson, counts: PlanCounts, tofu: Tofu): Promise<boolean> => {
  const values = Object.fromEntries(
    Object.entries(plan.variables ?? {}).flatMap(([name, { value }]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  );
  const onlyDeletes = counts.delete > 0 && counts.create + counts.update + counts.replace === 0;
  for (const mode of onlyDeletes ? (['apply', 'destroy'] as const) : (['apply'] as const))
    if (!(await tofu.plan({ variables: values, mode, targets: [] }))) return true;
  return false;
};

/** Applies exactly the approved bytes, once; a repeated call finishes what a crash left and returns the first result. */
export const makeTerraformApply =
  (deps: RunnerDeps) =>
  async (task: ApplyTask, context: TerraformContext): Promise<ApplyResult> => {
    const { run } = task;
    const { signal, log, mayCarryOn } = context;
    const change = await readApprovedChange(deps, run, task.change, mayCarryOn);
    if (!hasPlan(change)) throw new ChangeMismatchError(`Change ${change.id} was approved without a plan.`);
    const prefix = applyPrefix(change);
    const known = await deps.artifacts.find(`${prefix}.json`);
    if (known !== undefined) return applyResult.parse(JSON.parse(known));
    if ((await deps.artifacts.find(`${prefix}.started.json`)) === undefined)
      requireTimely(change, deps.now());

    const [module, policy, planBytes] = await Promise.all([
      change.plan.content.from === 'catalogue'
        ? readContent(deps.contentRoot, 'module', change.plan.module)
        : readKeptModule(deps.artifacts, change.plan.module, change.plan.digests.module),
      readPlanPolicy(deps.contentRoot, deps.policyEnvironment),
      deps.artifacts.get(change.plan.ref),
    ]);
    checkModuleFiles(module);
    const credentials = await context.lendCredentials({ purpose: 'apply', run, change: task.change });
    const tofu = await openTaskTofu(deps, context, { module, workspace: run.workspace, credentials });
    await fs.writeFile(tofu.planPath, planBytes, { mode: 0o600 });
    await verifyWorker(change, module, policy, tofu);
    await tofu.init();
    const plan = planJson.parse(JSON.parse(await tofu.show()));
    checkModuleConfiguration(module.name, plan.configuration, policy.module);
    log.hide(sensitiveValues(plan));

    // Before it is said to have begun: whatever began to destroy has kept what was there.
    const finalState =
      change.plan.mode === 'destroy' ? await deps.keepFinalState(change, credentials.identity) : null;
    const began = canonicalJson({ at: deps.now().toISOString(), digest: task.change.digest });
    const first = await deps.artifacts.putOnce(`${prefix}.started.json`, began);
    if (!first) await deps.artifacts.putOnce(`${prefix}.repeated.json`, began);
    try {
      await tofu.apply();
    } catch (error) {
      await rescueState(deps.artifacts, run.workspace, tofu);
      // Only another call of this very change can have carried it out; the state's lock lets one in, not always the first.
      const alone = first && (await deps.artifacts.find(`${prefix}.repeated.json`)) === undefined;
      if (!(error instanceof StalePlanError) || alone) throw error;
      if (!(await leavesNothingToDo(plan, change.plan.counts, tofu))) throw error;
      log.write('An earlier call carried this plan out; its result is completed now.\n');
    }

    await forgetPlan(deps.artifacts, run.workspace);
    const hosts = hostsOf(await tofu.output('inventory'));
    // What destroyed only a part has left outputs that still tell of it.
    const isStale = change.plan.mode === 'destroy' && hosts.length > 0;
    const result: ApplyResult = {
      counts: change.plan.counts,
      hosts: isStale ? [] : await deps.hostAccess.ensureHosts(run.workspace, hosts, signal),
      finalState,
      expiresAt: isStale ? null : endOf(hosts),
    };
    if (await deps.artifacts.putOnce(`${prefix}.json`, canonicalJson(result))) return result;
    return applyResult.parse(
      JSON.parse((await deps.artifacts.find(`${prefix}.json`)) ?? canonicalJson(result)),
    );
  };
