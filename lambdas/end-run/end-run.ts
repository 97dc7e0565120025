import type { Ledger } from '../shared/ledger';
import { tenantOf } from '../shared/names';
import { plainText } from '../shared/plain-text';
import { hasLiveWorker } from '../shared/run-record';
import type { RunStore } from '../shared/run-store';
import { type EndRunInput, type EndRunOutput, endRunOutput } from './contract';

interface Deps {
  readonly runs: RunStore;
  readonly ledger: Ledger;
  readonly now: () => Date;
}

/** The chain that records runs whose input named no workspace, and so no tenant. */
const unknownTenant = 'unknown';

/**
 * Records how a run ended and gives its workspace back. The first recorded end stays: a second call returns it.
 * A workspace whose worker still reports is kept; the reconciler gives it back once the worker is gone.
 */
export const makeEndRun =
  (deps: Deps) =>
  async (input: EndRunInput): Promise<EndRunOutput> => {
    const run = await deps.runs.get(input.runId);
    const now = deps.now();
    const result: EndRunOutput = {
      ...input,
      workflow: run?.workflow ?? 'unknown',
      workspace: run?.workspace ?? null,
      error: input.error && {
        name: plainText(input.error.name, 128),
        message: plainText(input.error.message, 2048),
      },
    };
    if (!run) return result;

    const first = await deps.runs.end(run.runId, {
      outcome: input.outcome,
      endedAt: now.toISOString(),
      result,
    });
    const recorded = first ? result : endRunOutput.parse((await deps.runs.get(run.runId))?.result);
    const tenant = run.workspace === undefined ? unknownTenant : tenantOf(run.workspace);
    await deps.ledger.append({
      tenant,
      id: `run.ended:${run.runId}`,
      type: 'run.ended',
      runId: run.runId,
      actor: 'orchestrator',
      at: now.toISOString(),
      traceparent: run.traceparent,
      data: {
        workflow: run.workflow,
        workspace: recorded.workspace,
        outcome: recorded.outcome,
        changeDigest: recorded.summary?.digest ?? null,
        complianceReport: recorded.compliance?.document.sha256 ?? null,
        error: recorded.error?.name ?? null,
      },
    });
    if (!hasLiveWorker(run, now)) await deps.runs.settle(run);
    return recorded;
  };
