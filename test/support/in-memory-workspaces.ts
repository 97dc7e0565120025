import type { WorkspaceRecord } from '../../lambdas/shared/workspace-record';
import type { WorkspaceStore } from '../../lambdas/shared/workspace-store';

/** What the workspaces table promises of the newest change, kept in memory. */
export const inMemoryWorkspaces = (): Pick<WorkspaceStore, 'get' | 'setNewestChange'> => {
  const workspaces = new Map<string, WorkspaceRecord>();
  return {
    get: async (workspace) => workspaces.get(workspace),
    setNewestChange: async (workspace, change) => {
      const standing = workspaces.get(workspace)?.newestChange;
      if (standing === undefined || standing.at <= change.at)
        workspaces.set(workspace, { ...workspaces.get(workspace), workspace, newestChange: change });
    },
  };
};
