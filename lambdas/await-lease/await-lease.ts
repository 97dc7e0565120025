import { InvalidInputError, RunStoppedError, TenantBusyError, WorkspaceBusyError } from '../shared/errors';
import { lineLimit, queueLimit } from '../shared/lease-record';
import type { LeaseStore } from '../shared/lease-store';
import type { Ledger } from '../shared/ledger';
import type { ImpersonalEvent } from '../shared/ledger-event';
import { tenantOf } from '../shared/names';
import type { RunStore } from '../shared/run-store';
import type { WakeCallback } from '../shared/wake-callback';
import type { AwaitLeaseInput, AwaitLeaseOutput } from './contract';

interface Deps {
  readonly runs: Pick<RunStore, 'get'>;
  readonly leases: Pick<LeaseStore, 'enqueue'>;
  readonly ledger: Ledger<ImpersonalEvent>;
  readonly wakeCallback: WakeCallback;
  readonly now: () => Date;
}

/**
 * Puts a run into the queue of its workspace. Whoever gives the workspace back hands it to the first in the queue;
 * if it is free by now, the run gets it at once. Either way send-callback wakes the run.
 *
 * @throws InvalidInputError when no run of this name asked for a workspace; WorkspaceBusyError or TenantBusyError when too many wait;
 * RunStoppedError when the run was stopped meanwhile.
 */
export const makeAwaitLease =
  (deps: Deps) =>
  async ({ runId, taskToken }: AwaitLeaseInput): Promise<AwaitLeaseOutput> => {
    const run = await deps.runs.get(runId);
    if (run?.workspace === undefined)
      throw new InvalidInputError(`The run ${runId} waits for no workspace: none is recorded for it.`);
    const { workspace, traceparent } = run;
    const at = deps.now().toISOString();
    const how = await deps.leases.enqueue({ workspace, runId, at, taskToken, traceparent });
    if (how === 'stopped') throw new RunStoppedError(`Run ${runId} was stopped before it had begun.`);
    if (how === 'full')
      throw new WorkspaceBusyError(
        `${queueLimit} runs wait for workspace ${workspace} already. Start again when some of them have ended.`,
      );
    if (how === 'tenant-full')
      throw new TenantBusyError(
        `${lineLimit} runs wait for workspaces of ${tenantOf(workspace)} already. Start again when some of them have ended.`,
      );
    await deps.ledger.append({
      tenant: tenantOf(workspace),
      id: `lease.awaited:${runId}`,
      type: 'lease.awaited',
      runId,
      actor: 'orchestrator',
      at,
      traceparent,
      data: { workspace },
    });
    if (how === 'granted') await deps.wakeCallback({ leasedTo: runId });
    return { workspace, how };
  };
