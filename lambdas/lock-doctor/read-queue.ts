import type { Lease } from '../shared/lease-record';
import type { LeaseTable } from '../shared/lease-table';
import { tenantOf } from '../shared/names';
import type { Queue, QueueInput } from './contract';

interface Deps {
  readonly leases: Pick<LeaseTable, 'read' | 'readLine'>;
}

/**
 * Who has a workspace, or workspaces of a tenant that a cap limits, and who waits for what, first come first. It reads
 * no ticket: those hold what wakes a run.
 */
export const makeReadQueue =
  ({ leases }: Deps) =>
  async ({ queueOf: scope }: QueueInput): Promise<Queue> => {
    const isWorkspace = scope.includes('/');
    const line = await leases.readLine(isWorkspace ? tenantOf(scope) : scope);
    const asked = isWorkspace ? [scope] : Object.keys(line?.held ?? {});
    const found = await Promise.all(asked.map(async (workspace) => (await leases.read(workspace)).lease));
    const held = found.filter((lease): lease is Lease => lease !== undefined);
    const holders = new Map(
      held.map(({ workspace, runId, acquiredAt }) => [workspace, { runId, since: acquiredAt }]),
    );
    const waiting = [
      // Whoever waited before there was a cap comes first.
      ...held.flatMap(({ workspace, queue }) => queue.map((runId) => ({ runId, workspace }))),
      ...(line?.queue ?? []).filter(({ workspace }) => !isWorkspace || workspace === scope),
    ];
    return {
      scope,
      cap: line?.cap ?? null,
      held: [...holders].map(([workspace, holder]) => ({ workspace, ...holder })),
      waiting: waiting.map(({ runId, workspace }) => ({
        runId,
        workspace,
        behind: holders.get(workspace)?.runId ?? null,
      })),
    };
  };
