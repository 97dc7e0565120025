import type { Outbox } from '../../lambdas/send-callback/outbox';
import type { Lease, TenantLine, Ticket } from '../../lambdas/shared/lease-record';
import { type LeaseStore, makeLeaseStore } from '../../lambdas/shared/lease-store';
import type { LeaseTable } from '../../lambdas/shared/lease-table';
import { tenantOf } from '../../lambdas/shared/names';
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
  capOf: (tenant: string) => number | undefined = () => undefined,
): {
  leases: Map<string, Lease>;
  /** By tenant. */
  lines: Map<string, TenantLine>;
  tickets: Map<string, Ticket>;
  leaseTable: LeaseTable;
  leaseStore: LeaseStore;
  ticketOutbox: Outbox<Ticket>;
} => {
  const leases = new Map<string, Lease>();
  const tickets = new Map<string, Ticket>();
  const lines = new Map<string, TenantLine>();
  const leaseTable: LeaseTable = {
    read: async (workspace) => ({ lease: leases.get(workspace), line: lines.get(tenantOf(workspace)) }),
    readLine: async (tenant) => lines.get(tenant),
    write: async (
      workspace,
      before,
      { lease, line, others = [], whileRunning = [], put, grant, drop = [] },
    ) => {
      const tenant = tenantOf(workspace);
      const notRunning = whileRunning.find((runId) => runs.get(runId)?.status !== 'running');
      if (notRunning !== undefined) return { notRunning };
      const occupied = others.find((one) => leases.has(one.workspace));
      if (occupied) return { occupied: occupied.workspace };
      if (lease && leases.get(workspace)?.revision !== before.lease?.revision) return 'moved';
      if (line && lines.get(tenant)?.revision !== before.line?.revision) return 'moved';
      const granted = (grant?.runIds ?? []).map((runId) => tickets.get(runId));
      if (granted.includes(undefined)) return 'moved';
      if (lease === 'free') leases.delete(workspace);
      else if (lease) leases.set(workspace, lease);
      if (line === 'gone') lines.delete(tenant);
      else if (line) lines.set(tenant, line);
      for (const one of others) leases.set(one.workspace, one);
      if (put) tickets.set(put.runId, put);
      for (const ticket of granted)
        if (ticket && grant)
          tickets.set(ticket.runId, { ...ticket, grantedAt: grant.at, callbackPending: '1' });
      for (const runId of drop) tickets.delete(runId);
      return 'written';
    },
  };
  return {
    leases,
    lines,
    tickets,
    leaseTable,
    leaseStore: makeLeaseStore(leaseTable, { capOf, pause: async () => undefined }),
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
