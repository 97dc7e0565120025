import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { checkPlainJson } from '../shared/check-plain-json';
import type { PlanResult } from '../shared/contract';
import { canonicalJson, digestOf, sha256Hex } from '../shared/digest';
import { TargetsExceededError } from '../shared/errors';
import { plainText } from '../shared/plain-text';
import type { PlanTask } from './contract';
import { chooseGitModule, chooseModule } from './kept-content';
import { findLatestPlan, rememberPlan } from './latest-plan';
import { scalarsOf } from './masking';
import { checkModuleConfiguration, checkModuleFiles, checkVariableNames } from './module-policy';
import { differenceFrom } from './plan-difference';
import { plannedItems, sensitiveValues, writePlanDocument } from './plan-document';
import { type PlanJson, planJson } from './plan-json';
import { judgePlan, readPlanPolicy } from './plan-policy';
import { plannedHosts } from './planned-hosts';
import { requireNothingRescued } from './rescue-state';
import type { RunnerDeps, TerraformContext } from './runner';
import { openTaskTofu } from './task-tofu';

/** What a plan changes beyond the resources that it is about. */
const changedBeyond = (targets: readonly string[], plan: PlanJson) =>
  (plan.resource_changes ?? []).filter(
    ({ address, change }) =>
      change.actions.some((action) => action !== 'no-op' && action !== 'read') && !targets.includes(address),
  );

/**
 * Targets take along what depends on them. A destruction that was narrowed to some resources destroys those alone.
 *
 * @throws TargetsExceededError
 */
const requireNoMoreThan = (targets: readonly string[], plan: PlanJson, workspace: string): void => {
  const beyond = changedBeyond(targets, plan);
  if (beyond.length > 0)
    throw new TargetsExceededError(
      `Nothing of ${workspace} was destroyed: ${beyond.length} other ${beyond.length === 1 ? 'resource' : 'resources'} would change with it, ` +
        `such as ${plainText(beyond[0]?.address ?? '', 200)}. Correct the module or its variables and start a new run.`,
    );
};

/** Plans a module into a workspace and keeps the saved plan, by version and digest, for the approval. */
export const makeTerraformPlan =
  (deps: RunnerDeps) =>
  async (task: PlanTask, context: TerraformContext): Promise<PlanResult> => {
    const { log } = context;
    const { source } = task;
    checkPlainJson(task.variables);
    const [{ content: module, ...origin }, policy] = await Promise.all([
      source
        ? chooseGitModule(deps, task.module, source, task.pin, () =>
            deps.fetchModule(task.module, source, context),
          )
        : chooseModule(deps, task.module, task.pin),
      readPlanPolicy(deps.contentRoot, deps.policyEnvironment),
      requireNothingRescued(deps.artifacts, task.run.workspace),
    ]);
    checkModuleFiles(module);
    const credentials = await context.lendCredentials({ purpose: 'plan', run: task.run });
    const tofu = await openTaskTofu(deps, context, { module, workspace: task.run.workspace, credentials });

    // A data source may run programs as early as in the plan: the module is judged before anything of it runs.
    const configuration = await tofu.inspect();
    checkModuleConfiguration(task.module, configuration, policy.module);
    // The catalogue's own check was one of other content.
    if (origin.from !== 'catalogue') checkVariableNames(task.module, configuration, task.variables);
    for (const [name, { sensitive }] of Object.entries(configuration.root_module.variables ?? {}))
      if (sensitive) log.hide(scalarsOf(task.variables[name]));

    await tofu.init();
    await tofu.validate();
    const planned = async (targets: readonly string[]) => {
      const changes = await tofu.plan({ ...task, targets });
      const [bytes, shown] = await Promise.all([fs.readFile(tofu.planPath), tofu.show()]);
      return { changes, planBytes: bytes, shown, plan: planJson.parse(JSON.parse(shown)) };
    };
    // A narrowed plan leaves outputs as they were, of what is gone too: where nothing else is there, it is not narrowed.
    const whole = await planned([]);
    const { changes, planBytes, shown, plan } =
      task.targets.length > 0 && changedBeyond(task.targets, whole.plan).length > 0
        ? await planned(task.targets)
        : whole;
    if (task.targets.length > 0) requireNoMoreThan(task.targets, plan, task.run.workspace);
    log.hide(sensitiveValues(plan));
    const judged = await judgePlan(policy, shown, context, deps.env);

    const prefix = join('runs', task.run.runId, 'plan', sha256Hex(planBytes));
    const items = plannedItems(plan, task.mode);
    const { workspace, runId } = task.run;
    const { mode } = task;
    const isWhole = mode !== 'refresh-only' && task.targets.length === 0;
    const latest = isWhole ? await findLatestPlan(deps.artifacts, workspace, mode) : undefined;
    const document = await writePlanDocument(items, {
      mask: log.mask,
      difference:
        latest &&
        (await differenceFrom({ ...latest, document: latest.content }, items, {
          mask: log.mask,
          readPage: latest.readPage,
        })),
      put: async (name, page) => {
        const key = `${prefix}/pages/${name}`;
        const { bucket: _, ...ref } = await deps.artifacts.put(key, canonicalJson(page), 'application/json');
        return ref;
      },
    });
    const [planRef, documentRef] = await Promise.all([
      deps.artifacts.put(`${prefix}/plan.bin`, planBytes, 'application/octet-stream'),
      deps.artifacts.put(`${prefix}/plan-document.json`, canonicalJson(document), 'application/json'),
    ]);
    if (isWhole && !task.preview)
      await rememberPlan(deps.artifacts, workspace, {
        runId,
        plannedAt: deps.now().toISOString(),
        mode,
        document: documentRef,
      });
    return {
      plan: planRef,
      document: documentRef,
      mode: task.mode,
      counts: document.counts,
      empty: !changes,
      module: task.module,
      digests: {
        module: module.digest,
        variables: digestOf(task.variables),
        lockFile: sha256Hex(module.files.get('.terraform.lock.hcl') ?? ''),
      },
      content: origin,
      engine: { name: 'opentofu', version: plan.terraform_version },
      policy: judged,
      hosts: plannedHosts(plan),
    };
  };
