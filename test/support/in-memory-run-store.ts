import type { RunRecord } from '../../lambdas/shared/run-record';
import type { Lease, RunStore } from '../../lambdas/shared/run-store';

/** The run store's promises, kept in memory: the same conditions as the table's writes. */
export const inMemoryRunStore = (): RunStore & {
  runs: Map<string, RunRecord>;
  leases: Map<string, Lease>;
} => {
  const runs = new Map<string, RunRecord>();
  const leases = new Map<string, Lease>();
  const update = (runId: string, change: Partial<RunRecord>): void => {
    const run = runs.get(runId);
    if (run) runs.set(runId, { ...run, ...change });
  };
  return {
    runs,
    leases,
    get: async (runId) => runs.get(runId),
    create: async (run) => {
      const known = runs.get(run.runId);
      if (!known) runs.set(run.runId, run);
      return known ?? run;
    },
    describe: async (runId, { workspace, requestedBy, reason }) => {
      if (runs.get(runId)?.status !== 'running') return false;
      update(runId, { workspace, requestedBy: requestedBy ?? 'unknown', reason });
      return true;
    },
    setChange: async (runId, change) => update(runId, { change }),
    markStopping: async (runId) => {
      if (runs.get(runId)?.status === 'running') update(runId, { status: 'stopping' });
    },
    end: async (runId, { outcome, endedAt, result }) => {
      const run = runs.get(runId);
      if (!run || run.status === 'ended') return false;
      update(runId, { status: 'ended', outcome, endedAt, result });
      return true;
    },
    listOpen: async () => [...runs.values()].filter(({ open }) => open === '1'),
    acquireLease: async (lease) => {
      if (runs.get(lease.runId)?.status !== 'running') return 'stopped';
      const holder = leases.get(lease.workspace);
      if (holder && holder.runId !== lease.runId) return { holder };
      leases.set(lease.workspace, lease);
      return 'acquired';
    },
    settle: async ({ runId, workspace }) => {
      if (workspace !== undefined && leases.get(workspace)?.runId === runId) leases.delete(workspace);
      const run = runs.get(runId);
      if (run?.status === 'ended') {
        const { open: _, ...settled } = run;
        runs.set(runId, settled);
      }
    },
  };
};
