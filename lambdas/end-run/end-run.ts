import type { ApplyResult } from '../runners/contract';
import type { Change } from '../shared/change';
import type { ChangeStore } from '../shared/change-store';
import type { ChangeRef } from '../shared/contract';
import { StepError } from '../shared/errors';
import type { LeaseStore } from '../shared/lease-store';
import type { Ledger } from '../shared/ledger';
import type { ImpersonalEvent } from '../shared/ledger-event';
import { logger } from '../shared/logger';
import { tenantOf } from '../shared/names';
import { plainText } from '../shared/plain-text';
import { hasLiveWorker, type RunRecord } from '../shared/run-record';
import type { RunStore } from '../shared/run-store';
import { newTimeToLive } from '../shared/time-to-live';
import { traceparentOrNew } from '../shared/trace-context';
import type { WakeCallback } from '../shared/wake-callback';
import type { WorkspaceStore } from '../shared/workspace-store';
import { type EndRunInput, type EndRunOutput, endRunOutput } from './contract';

interface Deps {
  readonly runs: RunStore;
  readonly leases: LeaseStore;
  readonly changes: Pick<ChangeStore, 'get'>;
  readonly workspaces: Pick<
    WorkspaceStore,
    'get' | 'setApplied' | 'clearApplied' | 'setDurations' | 'setTimeToLive'
  >;
  /** What the apply of a change left; `undefined` where nothing was to be applied. */
  readonly findApplyResult: (change: Change) => Promise<ApplyResult | undefined>;
  readonly ledger: Ledger<ImpersonalEvent>;
  readonly wakeCallback: WakeCallback;
  readonly now: () => Date;
}

/** Hands the workspace, or its place among its tenant's, to the run that waits first, or leaves the queue. A preview never had it. */
const giveBack = async (deps: Deps, { runId, workspace, content }: RunRecord, at: string): Promise<void> => {
  if (workspace !== undefined && !content?.preview) {
    for (const leasedTo of await deps.leases.release({ workspace, runId, at }))
      await deps.wakeCallback({ leasedTo });
  }
  await deps.runs.close(runId);
};

/** The chain that records runs of which no workspace, and so no tenant, is known. */
const unknownTenant = 'unknown';

/**
 * The change that the run brought to its end. One whose bytes are gone or damaged is no reason to keep a workspace
 * from everybody: what is known of it stays as it was.
 */
const boundBy = async (deps: Pick<Deps, 'changes'>, ref: ChangeRef): Promise<Change | undefined> => {
  try {
    return await deps.changes.get(ref);
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    logger.error('what was applied is not noted', error);
    return undefined;
  }
};

/** Notes when the workspace ends now. What ends later than before was extended, which the ledger tells. */
const keepEnd = async (
  deps: Pick<Deps, 'workspaces' | 'ledger' | 'now'>,
  run: RunRecord & { workspace: string },
  { changeId, expiresAt, at }: { changeId: string; expiresAt: string | null; at: string },
): Promise<void> => {
  const { runId, workspace, traceparent } = run;
  const before = (await deps.workspaces.get(workspace))?.timeToLive?.expiresAt;
  if (before !== undefined && expiresAt !== null && expiresAt > before)
    await deps.ledger.append({
      tenant: tenantOf(workspace),
      id: `time-to-live.extended:${runId}`,
      type: 'time-to-live.extended',
      runId,
      actor: 'orchestrator',
      at,
      traceparent,
      data: { workspace, changeId, before, expiresAt },
    });
  await deps.workspaces.setTimeToLive(
    workspace,
    expiresAt === null ? null : newTimeToLive(expiresAt, deps.now()),
  );
};

/** Notes how long the run's tasks took and, after a whole success, what the workspace was brought to. */
const keepForWorkspace = async (
  deps: Pick<Deps, 'changes' | 'workspaces' | 'findApplyResult' | 'ledger' | 'now'>,
  run: RunRecord,
  at: string,
): Promise<void> => {
  const { workspace, content, outcome, endedAt } = run;
  if (workspace === undefined || content?.preview) return;
  const seconds = Object.entries(run.finished ?? {}).map(([task, done]) => [task, done.seconds] as const);
  await deps.workspaces.setDurations(
    workspace,
    Object.fromEntries(seconds),
    run.interrupted ? [run.interrupted.task] : [],
  );
  if ((outcome !== 'applied' && outcome !== 'unchanged') || !run.change || !content) return;
  const change = await boundBy(deps, run.change);
  if (!change?.plan) return;
  const { id, plan, playbook } = change;
  if (plan.mode === 'refresh-only') return;
  const { variables, roleVariables } = content;
  if (plan.mode === 'destroy') await deps.workspaces.clearApplied(workspace, endedAt ?? at);
  else {
    await deps.workspaces.setApplied(workspace, {
      runId: run.runId,
      changeId: id,
      at: endedAt ?? at,
      module: plan.module,
      moduleDigest: plan.digests.module,
      variables,
      role: playbook?.role ?? null,
      roleDigest: playbook?.digests.role ?? null,
      roleVariables,
    });
    const expiresAt = (await deps.findApplyResult(change))?.expiresAt;
    if (expiresAt !== undefined) await keepEnd(deps, { ...run, workspace }, { changeId: id, expiresAt, at });
  }
};

/**
 * Records how a run ended and gives its workspace back. The first recorded end stays: a second call returns it.
 * An execution without a record of its own (its name is no run id, or another's) is recorded as refused.
 * A workspace whose worker still reports is kept; the reconciler gives it back once the worker is gone.
 */
export const makeEndRun =
  (deps: Deps) =>
  async ({ executionArn, ...input }: EndRunInput): Promise<EndRunOutput> => {
    const now = deps.now();
    const known = await deps.runs.get(input.runId);
    const run = known?.executionArn === executionArn ? known : undefined;
    const result: EndRunOutput = {
      ...input,
      workflow: run?.workflow ?? 'unknown',
      workspace: run?.workspace ?? null,
      ...(run?.content?.partOf && { partOf: run.content.partOf }),
      error: input.error && {
        name: plainText(input.error.name, 128),
        message: plainText(input.error.message, 2000),
      },
    };
    const end = { runId: input.runId, actor: 'orchestrator' as const, at: now.toISOString() };
    if (!run) {
      await deps.ledger.append({
        ...end,
        tenant: unknownTenant,
        id: `run.refused:${executionArn}`,
        type: 'run.refused',
        traceparent: traceparentOrNew(undefined),
        data: { executionArn, error: result.error?.name ?? null },
      });
      return result;
    }

    await deps.runs.end(run.runId, { outcome: input.outcome, endedAt: end.at, result });
    // From here on nothing begins any more in this run, so that what is read now is all that there is to give back.
    const ended = (await deps.runs.get(run.runId)) ?? run;
    const recorded = endRunOutput.parse(ended.result);
    await deps.ledger.append({
      ...end,
      tenant: recorded.workspace === null ? unknownTenant : tenantOf(recorded.workspace),
      id: `run.ended:${run.runId}`,
      type: 'run.ended',
      traceparent: run.traceparent,
      data: {
        workflow: run.workflow,
        workspace: recorded.workspace,
        outcome: recorded.outcome,
        changeDigest: recorded.summary?.digest ?? null,
        complianceReport: recorded.compliance?.document.sha256 ?? null,
        ...(recorded.drift && { drift: recorded.drift.total, newDrift: recorded.drift.new }),
        ...(recorded.sweep && {
          workspaces: recorded.sweep.workspaces,
          drifted: recorded.sweep.drifted,
          unchecked: recorded.sweep.failed,
          report: recorded.sweep.document.sha256,
        }),
        ...(ended.content?.partOf && { partOf: ended.content.partOf }),
        ...(recorded.compensation && {
          compensation: `${recorded.compensation.kind}: ${recorded.compensation.outcome}`,
        }),
        ...(recorded.finalState && { finalState: recorded.finalState }),
        error: recorded.error?.name ?? null,
      },
    });
    await keepForWorkspace(deps, ended, end.at);
    if (!hasLiveWorker(ended, now)) await giveBack(deps, ended, end.at);
    return recorded;
  };
