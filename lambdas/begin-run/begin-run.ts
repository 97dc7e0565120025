import { checkShape } from '../shared/check-plain-json';
import type { Places } from '../shared/contract';
import { describeIssues } from '../shared/define-step';
import { InvalidInputError, RunStoppedError, TenantBusyError, WorkspaceBusyError } from '../shared/errors';
import { type FreezeStore, requireUnfrozen } from '../shared/freeze-store';
import type { Claim, LeaseStore } from '../shared/lease-store';
import type { Ledger } from '../shared/ledger';
import { claim } from '../shared/ledger-event';
import { runId as runIdSchema, tenantOf } from '../shared/names';
import type { RunContent } from '../shared/run-record';
import type { RunStore } from '../shared/run-store';
import { traceparentOrNew } from '../shared/trace-context';
import type { WorkspaceStore } from '../shared/workspace-store';
import { choosePlaces } from './choose-place';
import { type BeginRunInput, type BeginRunOutput, type Reentry, resumeInput } from './contract';
import { type Pins, pinsOf } from './pins';
import { type FailedRun, fromTheBeginning, requireResumable } from './resume-run';
import type { Catalogue } from './startable/startable';
import { startableOf } from './startable/workflows';
import { requireTimeToLive } from './time-to-live';

interface Deps extends Catalogue {
  readonly runs: RunStore;
  readonly leases: LeaseStore;
  readonly freezes: Pick<FreezeStore, 'find'>;
  readonly findReentry: (run: FailedRun) => Promise<Reentry>;
  readonly ledger: Ledger;
  readonly workspaces: Pick<WorkspaceStore, 'get'>;
  /** What this environment deploys on Fargate. */
  readonly onFargate: readonly string[];
  /** Workflows that can wait for their workspace. */
  readonly waiting: readonly string[];
  /** The longest time to live, from the first apply, that a workspace may be given. */
  readonly mostTimeToLiveHours: number;
  readonly now: () => Date;
}

/** Checks what names a run to resume; touches nothing. */
const checkResume = (input: unknown): { resume: string; workspace: string } => {
  checkShape(input);
  const parsed = resumeInput.safeParse(input);
  if (!parsed.success)
    throw new InvalidInputError(
      `The input does not fit: a run is resumed with its own input, of which nothing may differ. ${describeIssues(parsed.error)}`,
    );
  return parsed.data;
};

const asksToResume = (input: unknown): boolean =>
  typeof input === 'object' && input !== null && 'resume' in input;

const requireWaiting = (waiting: readonly string[], workflow: string, input: unknown): void => {
  const asks =
    typeof input === 'object' && input !== null && 'whenBusy' in input && input.whenBusy === 'wait';
  if (asks && !waiting.includes(workflow))
    throw new InvalidInputError(
      `The input does not fit: whenBusy cannot be "wait", since ${workflow} has no state that waits for its workspace. ` +
        'Start it without; or give its definition "May it wait?" and "Wait for workspace", as docs/guides/new-workflow.md says.',
    );
};

/** Checks a workflow's input as far as that is possible without knowing its workspace; touches nothing. */
export const checkInput = (workflow: string, input: unknown, catalogue: Catalogue): void => {
  const startable = startableOf(workflow);
  if (asksToResume(input)) checkResume(input);
  else startable.read(input).check(catalogue);
};

/** What a run is about: its own input, or that of the run that it resumes, and what the workspace is pinned to. */
const readRequest = async (
  deps: Deps,
  workflow: string,
  input: unknown,
  resumed: FailedRun | undefined,
): Promise<{ workspace: string; content: RunContent; pins: Pins; places: Places }> => {
  const request = resumed ?? startableOf(workflow).read(input);
  const { workspace } = request;
  const last = await deps.workspaces.get(workspace);
  const applied = last?.applied;
  const content =
    'contentOf' in request
      ? request.contentOf({ ...(applied && { applied }), catalogue: deps })
      : request.content;
  if (!resumed)
    requireTimeToLive(content.variables, { last, mostHours: deps.mostTimeToLiveHours, now: deps.now() });
  const places = choosePlaces({
    wanted: content.runsOn ?? null,
    isResumed: resumed !== undefined,
    last,
    onFargate: deps.onFargate,
  });
  return { workspace, content, pins: pinsOf(applied, content), places };
};

const resumedBy = async (
  { runs }: Pick<Deps, 'runs'>,
  workflow: string,
  input: unknown,
): Promise<FailedRun | undefined> => {
  if (!asksToResume(input)) return undefined;
  const { resume: runId, workspace } = checkResume(input);
  const { entries } = startableOf(workflow);
  return requireResumable(await runs.get(runId), { runId, workflow, workspace }, entries);
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

/** Who is named when a tenant may have no more. */
const mostNamed = 5;

const takeLease = async (
  leases: Pick<LeaseStore, 'acquire'>,
  claim: Claim,
  stopped: () => RunStoppedError,
): Promise<void> => {
  const lease = await leases.acquire(claim);
  if (lease === 'stopped') throw stopped();
  if (lease === 'acquired') return;
  if ('holder' in lease)
    throw new WorkspaceBusyError(
      `Workspace ${claim.workspace} is busy with run ${lease.holder.runId} since ${lease.holder.acquiredAt}. ` +
        'Wait until that run has ended, or stop it, and start again; or start with whenBusy "wait" to queue for it.',
    );
  const { tenant, cap, held } = lease.busy;
  const holders = Object.entries(held).map(([workspace, runId]) => `${workspace} with run ${runId}`);
  const rest = holders.length > mostNamed ? ` and ${holders.length - mostNamed} more` : '';
  throw new TenantBusyError(
    `Runs of ${tenant} may hold ${cap} workspace${cap === 1 ? '' : 's'} at once, and others come first or hold them: ` +
      `${holders.slice(0, mostNamed).join(', ')}${rest}. ` +
      'Wait until one has ended and start again; or start with whenBusy "wait" to queue in order.',
  );
};

/**
 * Records that a run started, checks its input and takes the lease of its workspace, unless it is a preview.
 *
 * @throws InvalidInputError when the input does not fit; WorkspaceBusyError when another run has the workspace;
 * TenantBusyError when its tenant has as many as it may;
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

    requireWaiting(deps.waiting, workflow, input);
    const resumed = await resumedBy(deps, workflow, input);
    const { workspace, content, places } = await readRequest(deps, workflow, input, resumed);
    const { requestedBy } = content;
    const attempt = (resumed?.attempt ?? 0) + 1;
    if (!(await deps.runs.describe(runId.data, { workspace, content, attempt, places }))) throw stopped();
    if (!startableOf(workflow).isReadOnly) await requireUnfrozen(deps.freezes, workspace, deps.now());
    const now = deps.now().toISOString();
    if (!content.preview) await takeLease(deps.leases, { workspace, runId: runId.data, at: now }, stopped);
    // Under the lease: nothing else begins in this workspace between the answer and what follows from it.
    const reentry = resumed ? await deps.findReentry(resumed) : fromTheBeginning;
    if (resumed) await takeOver(deps.runs, runId.data, resumed, reentry);
    await deps.ledger.append({
      tenant: tenantOf(workspace),
      id: `run.started:${runId.data}`,
      type: 'run.started',
      runId: runId.data,
      actor: requestedBy === null ? 'unverified' : claim(requestedBy),
      at: now,
      traceparent,
      data: {
        workflow,
        workspace,
        module: content.module,
        role: content.role,
        ...(content.script && { script: content.script.name }),
        executionArn: execution.arn,
        places,
        ...(content.partOf && { partOf: content.partOf }),
        ...(resumed && { resumes: resumed.runId, enterAt: reentry.enterAt }),
      },
    });
    // Now that nobody else changes the workspace: what it was brought to may be newer than what was read before.
    const settled = await readRequest(deps, workflow, input, resumed);
    return {
      run: { runId: runId.data, workspace, traceparent },
      ...settled.content,
      pins: settled.pins,
      places,
      ...reentry,
      attempt,
    };
  };
