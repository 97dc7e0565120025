import type { BoundPlan } from '../shared/change';
import { applyPrefix } from '../shared/change-results';
import type { ChangeStore } from '../shared/change-store';
import type { Variables } from '../shared/contract';
import { plannedChanges } from '../shared/planned-changes';
import type { ReadArtifact } from '../shared/read-artifact';
import type { RunStore } from '../shared/run-store';
import type { AppliedContent } from '../shared/workspace-record';
import type { WorkspaceStore } from '../shared/workspace-store';
import { type ChooseCompensationInput, type ChooseCompensationOutput, maxTargets } from './contract';

interface Deps {
  readonly changes: Pick<ChangeStore, 'get'>;
  readonly runs: Pick<RunStore, 'get'>;
  readonly workspaces: Pick<WorkspaceStore, 'get'>;
  readonly readArtifact: ReadArtifact;
  readonly exists: (key: string) => Promise<boolean>;
}

const nothing = {
  message: null,
  module: null,
  pin: null,
  variables: {},
  targets: [],
  role: null,
  rolePin: null,
  roleVariables: {},
};

const keep = (message: string): ChooseCompensationOutput => ({ ...nothing, kind: 'keep', message });

const pinTo = (digest: string) => ({ digest, upgrade: false });

/** Back to the content that the last whole success brought the workspace to. */
const restore = (applied: AppliedContent | undefined): ChooseCompensationOutput =>
  applied
    ? {
        ...nothing,
        kind: 'restore',
        module: applied.module,
        pin: pinTo(applied.moduleDigest),
        variables: applied.variables,
        role: applied.role,
        rolePin: applied.roleDigest === null ? null : pinTo(applied.roleDigest),
        roleVariables: applied.roleVariables,
      }
    : keep('Nothing was applied here before this run, so there is nothing to return to.');

const destroy = (
  plan: BoundPlan,
  variables: Variables,
  created: readonly string[],
): ChooseCompensationOutput => {
  if (created.length === 0) return keep('This run was to create nothing, so there is nothing to destroy.');
  if (created.length > maxTargets)
    return keep(
      `This run was to create ${created.length} resources, of which ${maxTargets} at most are destroyed at once. Decommission the workspace instead.`,
    );
  const { module, digests } = plan;
  return {
    ...nothing,
    kind: 'destroy',
    module,
    pin: pinTo(digests.module),
    variables,
    targets: [...created],
  };
};

/** What undoes a change that was begun and not brought to its end: decided here, planned and asked about afterwards. */
export const makeChooseCompensation =
  (deps: Deps) =>
  async ({ run, change: ref, wanted }: ChooseCompensationInput): Promise<ChooseCompensationOutput> => {
    const change = await deps.changes.get(ref);
    if (!change.plan || !(await deps.exists(`${applyPrefix(change)}.started.json`)))
      return keep('Nothing had been applied when the run failed.');
    if (wanted === 'restore') return restore((await deps.workspaces.get(run.workspace))?.applied);
    const planned = await plannedChanges(deps.readArtifact, change.plan.document);
    const created = planned.filter(({ group, action }) => group !== 'outputs' && action === 'create');
    const { content } = (await deps.runs.get(run.runId)) ?? {};
    return destroy(
      change.plan,
      content?.variables ?? {},
      created.map(({ address }) => address),
    );
  };
