import { applyPrefix } from '../shared/change-results';
import type { ChangeStore } from '../shared/change-store';
import { type ReadDecision, requireApproval } from '../shared/decided-approval';
import { NotResumableError, StepError } from '../shared/errors';
import type { RunContent, RunRecord } from '../shared/run-record';
import type { WorkspaceStore } from '../shared/workspace-store';
import type { Reentry } from './contract';
import type { Startable } from './startable/startable';

/** A run that failed, whose input is known, and where its workflow can be entered. */
export type FailedRun = RunRecord & {
  readonly content: RunContent;
  readonly workspace: string;
  readonly entries: Startable['entries'];
};

/**
 * The run to resume, when it can be.
 *
 * @throws NotResumableError
 */
export const requireResumable = (
  found: RunRecord | undefined,
  wanted: { readonly runId: string; readonly workflow: string; readonly workspace: string },
  entries: Startable['entries'],
): FailedRun => {
  const refuse = (why: string) => new NotResumableError(`The run ${wanted.runId} cannot be resumed: ${why}`);
  if (!found) throw refuse('there is no such run. Check its id.');
  if (found.workflow !== wanted.workflow)
    throw refuse(`it is one of ${found.workflow}, not of ${wanted.workflow}. Start that workflow with it.`);
  if (found.workspace !== undefined && found.workspace !== wanted.workspace)
    throw refuse(`it is one of ${found.workspace}, not of ${wanted.workspace}. Name its own workspace.`);
  if (entries.length === 0)
    throw refuse(`a run of ${found.workflow} has nothing to go on with. Start a new run.`);
  if (found.status !== 'ended') throw refuse('it has not ended. Wait for its end, or stop it first.');
  if (found.outcome !== 'failed')
    throw refuse(
      `it ended as ${found.outcome ?? 'nothing known'}, so nothing of it is left to do. Start a new run.`,
    );
  const { content } = found;
  if (found.workspace === undefined || !content)
    throw refuse('its input was never accepted. Correct the input and start a new run.');
  return { ...found, content, workspace: found.workspace, entries };
};

interface Deps {
  readonly changes: Pick<ChangeStore, 'get'>;
  readonly readDecision: ReadDecision;
  readonly workspaces: Pick<WorkspaceStore, 'get'>;
  readonly exists: (key: string) => Promise<boolean>;
  readonly now: () => Date;
}

export const fromTheBeginning: Reentry = {
  enterAt: 'plan',
  change: null,
  decision: null,
  summary: null,
  hosts: [],
};

/**
 * Where a failed run goes on. Its approved change is carried on only while that is still the very change that people
 * approved for the state that is there: not expired, nothing else planned in the workspace since, and its apply either
 * done or never begun. Everything else is planned anew, and approved anew.
 */
export const makeFindReentry =
  (deps: Deps) =>
  async ({ change: ref, bound, workspace, workflow, finished, entries }: FailedRun): Promise<Reentry> => {
    if (!ref || !bound) return fromTheBeginning;
    const change = await deps.changes.get(ref);
    // What undid the failed run is no part of what is left to do of it.
    if (
      change.compensates ||
      change.workflow !== workflow ||
      deps.now().getTime() > Date.parse(change.expiresAt)
    )
      return fromTheBeginning;
    const decision = approvalOf(ref, await deps.readDecision(ref.id));
    if (!decision) return fromTheBeginning;
    const carried = { change: ref, decision, ...bound };

    const newest = (await deps.workspaces.get(workspace))?.newestChange;
    if (newest?.changeId !== ref.id) return fromTheBeginning;
    const done = (task: string): boolean => finished?.[task]?.changeId === ref.id;
    const next = async (): Promise<Reentry['enterAt']> => {
      if (done('ansible-run-run')) return 'scan';
      if (done('terraform-apply')) return 'configure';
      return (await deps.exists(`${applyPrefix(change)}.started.json`)) ? 'plan' : 'apply';
    };
    const enterAt = await next();
    return enterAt !== 'plan' && entries.includes(enterAt) ? { ...carried, enterAt } : fromTheBeginning;
  };

const approvalOf = (
  ref: Parameters<typeof requireApproval>[0],
  decided: Parameters<typeof requireApproval>[1],
): Reentry['decision'] => {
  try {
    return requireApproval(ref, decided);
  } catch (error) {
    if (error instanceof StepError) return null;
    throw error;
  }
};
