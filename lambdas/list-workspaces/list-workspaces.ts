import type { Artifacts } from '../runners/artifacts';
import { canonicalJson, sha256Hex } from '../shared/digest';
import { tenantOf } from '../shared/names';
import type { SweepItem } from '../shared/sweep-document';
import type { WorkspaceStore } from '../shared/workspace-store';
import type { ListWorkspacesInput, ListWorkspacesOutput } from './contract';

interface Deps {
  readonly workspaces: Pick<WorkspaceStore, 'listApplied'>;
  readonly artifacts: Pick<Artifacts, 'put'>;
}

/** A run id of its own for each workspace, the same whenever it is asked for; the longest that a run id may be is kept. */
const partOf = (runId: string, workspace: string): string =>
  `${runId.slice(0, 51)}-${sha256Hex(`${runId} ${workspace}`).slice(0, 12)}`;

/** Lists the workspaces in which something is applied, each with the id of the run that looks at it. */
export const makeListWorkspaces =
  ({ workspaces, artifacts }: Deps) =>
  async ({ run: { runId }, tenant }: ListWorkspacesInput): Promise<ListWorkspacesOutput> => {
    const items: SweepItem[] = (await workspaces.listApplied())
      .filter((workspace) => tenant === null || tenantOf(workspace) === tenant)
      .sort()
      .map((workspace) => ({ workspace, runId: partOf(runId, workspace) }));
    const document = await artifacts.put(
      `runs/${runId}/workspaces.json`,
      canonicalJson(items),
      'application/json',
    );
    return { document, count: items.length };
  };
