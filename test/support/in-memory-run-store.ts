import type { RunRecord } from '../../lambdas/shared/run-record';
import type { RunStore } from '../../lambdas/shared/run-store';
import { inMemoryLeases } from './in-memory-leases';

/** The run store's promises, kept in memory with the leases: the same conditions as the tables' writes. */
export const inMemoryRunStore = (): RunStore &
  ReturnType<typeof inMemoryLeases> & { runs: Map<string, RunRecord> } => {
  const runs = new Map<string, RunRecord>();
  const update = (runId: string, change: Partial<RunRecord>): void => {
    const run = runs.get(runId);
    if (run) runs.set(runId, { ...run, ...change });
  };
  return {
    runs,
    ...inMemoryLeases(runs),
    get: async (runId) => runs.get(runId),
    create: async (run) => {
      const known = runs.get(run.runId);
      if (!known) runs.set(run.runId, run);
      return known ?? run;
    },
    describe: async (runId, { workspace, content, attempt, places }) => {
      if (runs.get(runId)?.status !== 'running') return false;
      const { requestedBy, reason } = content;
      update(runId, { workspace, content, attempt, places, requestedBy: requestedBy ?? 'unknown', reason });
      return true;
    },
    addStarter: async (runId, principal, who) =>
      update(runId, { startedBy: { [principal]: who, ...runs.get(runId)?.startedBy } }),
    setChange: async (runId, change, bound) => update(runId, { change, bound }),
    setResumes: async (runId, taken) => update(runId, taken),
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
    listOfWorkspace: async (workspace, startedBy) =>
      [...runs.values()]
        .filter((run) => run.workspace === workspace && run.startedAt <= startedBy)
        .sort((one, other) => (one.startedAt < other.startedAt ? 1 : -1)),
    close: async (runId) => {
      const run = runs.get(runId);
      if (run?.status === 'ended') {
        const { open: _, ...settled } = run;
        runs.set(runId, settled);
      }
    },
  };
};
