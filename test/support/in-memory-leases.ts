import type { Outbox } from '../../lambdas/send-callback/outbox';
import type { Lease, Ticket } from '../../lambdas/shared/lease-record';
import { type LeaseStore, makeLeaseStore } from '../../lambdas/shared/lease-store';
import type { LeaseTable } from '../../lambdas/shared/lease-table';
import type { RunRecord } from '../../lambdas/shared/run-record';

/** A lease as a test's beginning. */
export const aLease = (workspace: string, runId: string, more: Partial<Lease> = {}): Lease => ({
  workspace,
  runId,
  acquiredAt: '2026-01-01T00:00:00.000Z',
  revision: 1,
  queue: [],
  ...more,
});

/** The leases table in memory, with the same conditions: a transaction holds whole or not at all. */
export const inMemoryLeases = (
  runs: ReadonlyMap<string, Pick<RunRecord, 'status'>>,
): {
  leases: Map<string, Lease>;
  tickets: Map<string, Ticket>;
  leaseTable: LeaseTable;
  leaseStore: LeaseStore;
  ticketOutbox: Outbox<Ticket>;
} => {
  const leases = new Map<string, Lease>();
  const tickets = new Map<string, Ticket>();
  const leaseTable: LeaseTable = {
    read: async (workspace) => leases.get(workspace),
    write: async (workspace, before, { after, whileRunning, put, grant, drop = [] }) => {
      if (whileRunning !== undefined && runs.get(whileRunning)?.status !== 'running') return 'not-running';
      if (leases.get(workspace)?.revision !== before?.revision) return 'moved';
      const granted = grant && tickets.get(grant.runId);
      if (grant && !granted) return 'moved';
      if (after) leases.set(workspace, after);
      else leases.delete(workspace);
      if (put) tickets.set(put.runId, put);
      if (grant && granted)
        tickets.set(grant.runId, { ...granted, grantedAt: grant.at, callbackPending: '1' });
      for (const runId of drop) tickets.delete(runId);
      return 'written';
    },
  };
  return {
    leases,
    tickets,
    leaseTable,
    leaseStore: makeLeaseStore(leaseTable, async () => undefined),
    ticketOutbox: {
      pending: async (limit) =>
        [...tickets.values()]
          .filter(({ callbackPending }) => callbackPending)
          .slice(0, limit)
          .map(({ runId }) => runId),
      get: async (runId) => tickets.get(runId),
      countTry: async (runId, taskToken) => {
        const found = tickets.get(runId);
        if (found?.callbackPending !== '1' || found.taskToken !== taskToken) return;
        tickets.set(runId, { ...found, callbackTries: (found.callbackTries ?? 0) + 1 });
      },
      clear: async (runId, taskToken) => {
        const found = tickets.get(runId);
        if (found?.callbackPending !== '1' || found.taskToken !== taskToken) return;
        const { callbackPending: _, ...rest } = found;
        tickets.set(runId, rest);
      },
    },
  };
};
