import { checkPlainJson, checkShape } from '../shared/check-plain-json';
import type { Variables } from '../shared/contract';
import { describeIssues } from '../shared/define-step';
import { InvalidInputError, RunStoppedError, WorkspaceBusyError } from '../shared/errors';
import { type FreezeStore, requireUnfrozen } from '../shared/freeze-store';
import type { LeaseStore } from '../shared/lease-store';
import type { Ledger } from '../shared/ledger';
import { runId as runIdSchema, tenantOf } from '../shared/names';
import { plainText } from '../shared/plain-text';
import type { RunContent } from '../shared/run-record';
import type { RunStore } from '../shared/run-store';
import { traceparentOrNew } from '../shared/trace-context';
import type { WorkspaceStore } from '../shared/workspace-store';
import {
  type BeginRunInput,
  type BeginRunOutput,
  type Reentry,
  resumeInput,
  type VmProvisioningInput,
  vmProvisioningInput,
} from './contract';
import { isOutdated, pinsOf } from './pins';
import { type FailedRun, fromTheBeginning, requireResumable } from './resume-run';

interface Deps {
  readonly runs: RunStore;
  readonly leases: LeaseStore;
  readonly freezes: Pick<FreezeStore, 'find'>;
  readonly findReentry: (run: FailedRun) => Promise<Reentry>;
  readonly ledger: Ledger;
  readonly workspaces: Pick<WorkspaceStore, 'get'>;
  /** What the catalogue has now. */
  readonly digests: Readonly<Record<'module' | 'role', (name: string) => string | undefined>>;
  readonly validateModuleVariables: (module: string, variables: Variables) => Variables;
  readonly validateRoleVariables: (role: string, variables: Variables) => Variables;
  readonly now: () => Date;
}

type Validators = Pick<Deps, 'validateModuleVariables' | 'validateRoleVariables'>;

/** Checks what names a run to resume; touches nothing. */
export const checkResume = (input: unknown): { resume: string; workspace: string } => {
  checkShape(input);
  const parsed = resumeInput.safeParse(input);
  if (!parsed.success)
    throw new InvalidInputError(
      `The input does not fit: a run is resumed with its own input, of which nothing may differ. ${describeIssues(parsed.error)}`,
    );
  return parsed.data;
};

const readInput = (input: unknown): VmProvisioningInput => {
  checkShape(input);
  const parsed = vmProvisioningInput.safeParse(input);
  if (!parsed.success) throw new InvalidInputError(`The input does not fit. ${describeIssues(parsed.error)}`);
  return parsed.data;
};

const checkVariables = (
  parsed: VmProvisioningInput,
  validators: Validators,
): RunContent & { readonly workspace: string } => {
  const {
    timeToLiveHours,
    traceparent: _,
    whenBusy: __,
    waitTimeoutSeconds: ___,
    requestedBy,
    ...given
  } = parsed;
  if (timeToLiveHours !== undefined && 'time_to_live_hours' in given.variables)
    throw new InvalidInputError(
      'The time to live is given twice: remove time_to_live_hours from the variables or timeToLiveHours from the input.',
    );
  const timed = timeToLiveHours === undefined ? {} : { time_to_live_hours: timeToLiveHours };
  return {
    ...given,
    variables: validators.validateModuleVariables(given.module, { ...given.variables, ...timed }),
    roleVariables: validators.validateRoleVariables(given.role, given.roleVariables),
    reason: plainText(given.reason, 1000),
    requestedBy: requestedBy === undefined ? null : plainText(requestedBy, 128),
  };
};

/** Checks a workflow's input against its contract and the catalogue; touches nothing. */
export const checkInput = (input: unknown, validators: Validators) =>
  checkVariables(readInput(input), validators);

/** Checks an input against what its workspace is pinned to. */
const checkPinned = async (deps: Deps, input: unknown) => {
  const parsed = readInput(input);
  const pins = pinsOf((await deps.workspaces.get(parsed.workspace))?.applied, parsed);
  const plain = (_: string, variables: Variables): Variables => {
    checkPlainJson(variables);
    return variables;
  };
  const checked = checkVariables(parsed, {
    validateModuleVariables: isOutdated(pins.module, deps.digests.module(parsed.module))
      ? plain
      : deps.validateModuleVariables,
    validateRoleVariables: isOutdated(pins.role, deps.digests.role(parsed.role))
      ? plain
      : deps.validateRoleVariables,
  });
  return { ...checked, pins };
};

/** What a run is about: its own input, or that of the run that it resumes, and what the workspace is pinned to. */
const readRequest = async (deps: Deps, input: unknown, resumed: FailedRun | undefined) => {
  if (!resumed) return checkPinned(deps, input);
  const { content, workspace } = resumed;
  return { ...content, workspace, pins: pinsOf((await deps.workspaces.get(workspace))?.applied, content) };
};

const resumedBy = async (
  { runs }: Pick<Deps, 'runs'>,
  workflow: string,
  input: unknown,
): Promise<FailedRun | undefined> => {
  if (typeof input !== 'object' || input === null || !('resume' in input)) return undefined;
  const { resume: runId, workspace } = checkResume(input);
  return requireResumable(await runs.get(runId), { runId, workflow, workspace });
};

const takeOver = async (
  runs: Pick<RunStore, 'setResumes'>,
  runId: string,
  { runId: from, change, bound, finished }: FailedRun,
  { enterAt }: Reentry,
): Promise<void> => {
  if (enterAt === 'plan' || !change)
    await runs.setResumes(runId, { resumes: { runId: from, changeId: null } });
  else
    await runs.setResumes(runId, { resumes: { runId: from, changeId: change.id }, change, bound, finished });
};

/**
 * Records that a run started, checks its input and takes the lease of its workspace.
 *
 * @throws InvalidInputError when the input does not fit; WorkspaceBusyError when another run has the workspace;
 * RunStoppedError when the run was stopped meanwhile; WorkspaceFrozenError; NotResumableError.
 */
export const makeBeginRun =
  (deps: Deps) =>
  async ({ workflow, execution, input }: BeginRunInput): Promise<BeginRunOutput> => {
    const runId = runIdSchema.safeParse(execution.name);
    if (!runId.success)
      throw new InvalidInputError(
        'The name of the execution cannot be a run id: use letters, digits, "-" and "_" only, 64 at most.',
      );
    const claimed =
      typeof input === 'object' && input !== null && 'traceparent' in input ? input.traceparent : undefined;
    const run = await deps.runs.create({
      runId: runId.data,
      workflow,
      executionArn: execution.arn,
      startedAt: execution.startedAt,
      traceparent: traceparentOrNew(claimed),
      status: 'running',
      finished: {},
      open: '1',
    });
    if (run.executionArn !== execution.arn)
      throw new InvalidInputError(`A run named ${runId.data} exists already. Start again with another name.`);
    const { traceparent } = run;
    const stopped = () => new RunStoppedError(`Run ${runId.data} was stopped before it had begun.`);
    if (run.status !== 'running') throw stopped();

    const resumed = await resumedBy(deps, workflow, input);
    const { workspace, pins: _, ...content } = await readRequest(deps, input, resumed);
    const { requestedBy } = content;
    const attempt = (resumed?.attempt ?? 0) + 1;
    if (!(await deps.runs.describe(runId.data, { workspace, content, attempt }))) throw stopped();
    await requireUnfrozen(deps.freezes, workspace, deps.now());
    const now = deps.now().toISOString();
    const lease = await deps.leases.acquire({ workspace, runId: runId.data, at: now });
    if (lease === 'stopped') throw stopped();
    if (lease !== 'acquired')
      throw new WorkspaceBusyError(
        `Workspace ${workspace} is busy with run ${lease.holder.runId} since ${lease.holder.acquiredAt}. ` +
          'Wait until that run has ended, or stop it, and start again; or start with whenBusy "wait" to queue for it.',
      );
    // Under the lease: nothing else begins in this workspace between the answer and what follows from it.
    const reentry = resumed ? await deps.findReentry(resumed) : fromTheBeginning;
    if (resumed) await takeOver(deps.runs, runId.data, resumed, reentry);
    await deps.ledger.append({
      tenant: tenantOf(workspace),
      id: `run.started:${runId.data}`,
      type: 'run.started',
      runId: runId.data,
      actor: requestedBy === null ? 'unverified' : `unverified:${requestedBy}`,
      at: now,
      traceparent,
      data: {
        workflow,
        workspace,
        module: content.module,
        role: content.role,
        executionArn: execution.arn,
        ...(resumed && { resumes: resumed.runId, enterAt: reentry.enterAt }),
      },
    });
    // Now that nobody else changes the workspace: what it was brought to may be newer than what was read before.
    const { workspace: __, ...settled } = await readRequest(deps, input, resumed);
    return { run: { runId: runId.data, workspace, traceparent }, ...settled, ...reentry, attempt };
  };
