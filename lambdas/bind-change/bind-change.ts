import { type Change, countsOf } from '../shared/change';
import type { ChangeStore } from '../shared/change-store';
import type { PlanResult, PlayResult, ScriptResult } from '../shared/contract';
import { digestOf } from '../shared/digest';
import type { Ledger } from '../shared/ledger';
import type { ImpersonalEvent } from '../shared/ledger-event';
import { tenantOf } from '../shared/names';
import type { RunStore } from '../shared/run-store';
import type { WorkspaceStore } from '../shared/workspace-store';
import type { BindChangeInput, BindChangeOutput } from './contract';

interface Deps {
  readonly changes: ChangeStore;
  readonly runs: Pick<RunStore, 'setChange'>;
  readonly workspaces: Pick<WorkspaceStore, 'setNewestChange'>;
  readonly ledger: Ledger<ImpersonalEvent>;
}

/** What of the results of blocks a change binds. */
export const boundPartsOf = (
  plan: PlanResult | null,
  playbook: PlayResult | null,
  script: ScriptResult | null = null,
): Pick<Change, 'plan' | 'playbook' | 'script'> => ({
  plan: plan && {
    ref: plan.plan,
    document: plan.document,
    mode: plan.mode,
    counts: plan.counts,
    empty: plan.empty,
    module: plan.module,
    digests: plan.digests,
    content: plan.content,
    engine: plan.engine,
    policy: plan.policy,
  },
  playbook: playbook && {
    role: playbook.role,
    document: playbook.document,
    changed: playbook.changed,
    digests: playbook.digests,
    content: playbook.content,
  },
  script: script && { name: script.script, document: script.document, digests: script.digests },
});

/**
 * Binds a plan, its playbook and a script into one change: an approval is an approval of this digest. No person is
 * asked only when there is nothing to decide: the plan is empty, the playbook changes nothing, no script is run and
 * no policy objects.
 */
export const makeBindChange =
  (deps: Deps) =>
  async (input: BindChangeInput): Promise<BindChangeOutput> => {
    const { run, plan, playbook, script } = input;
    const createdAt = new Date(input.enteredAt);
    const content: Omit<Change, 'id'> = {
      version: 1,
      runId: run.runId,
      workflow: input.workflow,
      workspace: run.workspace,
      reason: input.reason,
      requestedBy: input.requestedBy,
      createdAt: createdAt.toISOString(),
      expiresAt: new Date(createdAt.getTime() + input.approvalTimeoutSeconds * 1000).toISOString(),
      ...(input.compensates && { compensates: input.compensates }),
      ...boundPartsOf(plan, playbook, script),
    };
    const change = await deps.changes.put({
      ...content,
      id: `${run.runId}-${digestOf(content).slice(0, 8)}`,
    });
    const counts = countsOf(content);
    const summary = {
      add: counts.create + counts.replace,
      change: counts.update,
      destroy: counts.delete + counts.replace,
      playbookChanged: playbook?.changed ?? 0,
      digest: change.digest,
    };
    await deps.workspaces.setNewestChange(run.workspace, {
      changeId: change.id,
      runId: run.runId,
      at: content.createdAt,
    });
    await deps.runs.setChange(run.runId, change, { hosts: plan?.hosts ?? [], summary });
    await deps.ledger.append({
      tenant: tenantOf(run.workspace),
      id: `change.bound:${change.id}`,
      type: 'change.bound',
      runId: run.runId,
      actor: 'orchestrator',
      at: createdAt.toISOString(),
      traceparent: run.traceparent,
      data: {
        changeId: change.id,
        workspace: run.workspace,
        plan: plan?.plan.sha256 ?? null,
        // What was planned with, and from what: by digests, as the approval names them.
        ...(plan && { engine: plan.engine, planDigests: plan.digests, policyVerdict: plan.policy.verdict }),
        ...(playbook && { role: playbook.role, playbookDigests: playbook.digests }),
        ...(script && { script: script.script, scriptDigests: script.digests }),
        compensates: input.compensates ?? null,
        ...summary,
      },
    });
    const nothingToDecide =
      (plan === null || (plan.empty && plan.policy.verdict === 'allow')) &&
      summary.playbookChanged === 0 &&
      !script;
    return { change, gate: nothingToDecide ? 'none' : 'required', summary };
  };
