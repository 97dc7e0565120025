import { isDeepStrictEqual } from 'node:util';
import type { WorkspaceRecord } from '../../lambdas/shared/workspace-record';
import { type WorkspaceStore, withDurations } from '../../lambdas/shared/workspace-store';

/** The workspace store's promises, kept in memory: the same conditions as the table's writes. */
export const inMemoryWorkspaceStore = (): WorkspaceStore & { workspaces: Map<string, WorkspaceRecord> } => {
  const workspaces = new Map<string, WorkspaceRecord>();
  const update = (workspace: string, change: Partial<WorkspaceRecord>): void =>
    void workspaces.set(workspace, { ...workspaces.get(workspace), ...change, workspace });
  return {
    workspaces,
    get: async (workspace) => workspaces.get(workspace),
    listApplied: async () =>
      [...workspaces.values()].flatMap(({ workspace, applied }) => (applied ? [workspace] : [])),
    setApplied: async (workspace, applied) => {
      const known = workspaces.get(workspace)?.applied;
      if (!known || known.at < applied.at) update(workspace, { applied, drift: undefined });
    },
    clearApplied: async (workspace, at) => {
      const known = workspaces.get(workspace)?.applied;
      if (known && known.at < at)
        update(workspace, {
          applied: undefined,
          drift: undefined,
          compliance: undefined,
          timeToLive: undefined,
        });
    },
    setNewestChange: async (workspace, newestChange) => {
      const known = workspaces.get(workspace)?.newestChange;
      if (!known || known.at <= newestChange.at) update(workspace, { newestChange });
    },
    setDurations: async (workspace, seconds, interrupted) =>
      update(workspace, withDurations(workspaces.get(workspace), seconds, interrupted)),
    setTimeToLive: async (workspace, next) => {
      if (next === null || workspaces.get(workspace)?.timeToLive?.expiresAt !== next.expiresAt)
        update(workspace, { timeToLive: next ?? undefined });
    },
    listTimed: async () =>
      [...workspaces.values()].flatMap(({ workspace, timeToLive }) =>
        timeToLive ? [{ workspace, timeToLive }] : [],
      ),
    tendTimeToLive: async (workspace, before, after) => {
      if (!isDeepStrictEqual(workspaces.get(workspace)?.timeToLive, before)) return false;
      update(workspace, { timeToLive: after });
      return true;
    },
    setDrift: async (workspace, drift) => update(workspace, { drift }),
    setCompliance: async (workspace, compliance) => update(workspace, { compliance }),
  };
};
