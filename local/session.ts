import { setTimeout as sleep } from 'node:timers/promises';
import { prepareInput } from '../cli/check-input';
import { exitCodeOfRun } from '../cli/exit-code';
import type { RunReport } from '../cli/run-report';
import { startRun } from '../cli/start-run';
import { InvalidInputError } from '../lambdas/shared/errors';
import type { JsonValue } from '../lambdas/shared/ledger-event';
import { runId as runIdShape } from '../lambdas/shared/names';
import { plainText } from '../lambdas/shared/plain-text';
import { type RunRecord, workerSilenceSeconds } from '../lambdas/shared/run-record';
import { readApprovalLinks } from './approval-links';
import { decideOverHttp } from './approve-client';
import { bringUp, type ReadyPlatform } from './bring-up';
import { deploy } from './deploy';
import { describeEnd } from './describe-end';
import { storeExampleRelease } from './example-release';
import { InterruptedError, type Interruption } from './interruption';
import { countOpenRuns, platformClients, readRunRecord } from './platform-clients';
import type { Progress } from './progress';
import { runWorkflow } from './run-workflow';
import { stageLines } from './stage-lines';
import type { StartOptions } from './start-options';
import { stopRun } from './stop-run';

export interface SessionRequest {
  readonly options: StartOptions;
  readonly input: Readonly<Record<string, JsonValue>>;
  readonly repository: string;
  readonly stateDir: string;
  readonly progress: Progress;
  readonly interruption: Interruption;
  /** Called once, when the run has ended; the session may stay after that. */
  readonly onReport: (report: RunReport) => void;
}

/**
 * Brings the platform up, runs one workflow, and takes the platform down again, unless it is kept or was up before.
 * Without a decision, and with a platform of its own, it stays until it is interrupted.
 *
 * @returns the exit code
 */
export const runSession = async (request: SessionRequest): Promise<number> => {
  const { options, interruption } = request;
  const platform = await bringUp({ ...request, keep: options.keep, signal: interruption.signal });
  const isOurs = !platform.reused && !options.keep;
  try {
    const report = await runOn(platform, request, isOurs);
    request.onReport(report);
    if (isOurs && !options.decision) {
      request.progress.line('The platform stays up. Ctrl-C ends it; its state stays.');
      await interruption.happened;
      if (!(interruption.signal.reason instanceof InterruptedError)) throw interruption.signal.reason;
    }
    return exitCodeOfRun(report);
  } finally {
    if (isOurs) await request.progress.step('Shutting the platform down', () => platform.stop());
  }
};

/** Somebody stopped or killed the platform under a run. */
class PlatformGoneError extends Error {
  override readonly name = 'PlatformGoneError';

  constructor() {
    super(
      'The platform went down while the run was going on: it was stopped from elsewhere, or killed. ' +
        'Its state stays. Start again: the run is recorded as failed then, and its workspace is free.',
    );
  }
}

const isUnreachable = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET');

/**
 * A platform that went down took its runs with it. Its emulator says so when it starts, and the reconciler ends
 * them; until then their workspaces are busy. What takes longer than a silent worker is left to the sweep.
 */
const untilNoneIsOpen = async (count: () => Promise<number>, signal: AbortSignal): Promise<void> => {
  const until = Date.now() + (workerSilenceSeconds + 15) * 1000;
  while (Date.now() < until && (await count()) > 0) await sleep(200, undefined, { signal });
};

/** What was asked for, or the workflow and workspace of the run to resume. */
const whatToRun = async (
  { options, input }: SessionRequest,
  record: (runId: string) => Promise<RunRecord | undefined>,
): Promise<{ workflow: string; input: SessionRequest['input'] }> => {
  if (options.resume === null) return { workflow: options.workflow, input };
  const run = runIdShape.safeParse(options.resume).success ? await record(options.resume) : undefined;
  if (!run)
    throw new InvalidInputError(`There is no run ${plainText(options.resume, 80)} here. Check its id.`);
  const again = { workspace: run.workspace ?? null, resume: run.runId };
  return { workflow: run.workflow, input: prepareInput(run.workflow, again) };
};

const runOn = async (
  platform: ReadyPlatform,
  request: SessionRequest,
  isOurs: boolean,
): Promise<RunReport> => {
  const { options, progress, interruption, repository, stateDir } = request;
  const { signal } = interruption;
  const { decision } = options;
  const { stepFunctions, cloudFormation, dynamoDb, s3 } = platformClients(platform.gatewayUrl);
  const { outputs } = await progress.step('Deploying the app', (note) =>
    deploy({ ...platform, repository, stateDir, cloudFormation, note, signal }),
  );
  const { workflow, input } = await whatToRun(request, (runId) =>
    readRunRecord(dynamoDb, outputs.runsTable, runId),
  );
  const stateMachineArn = outputs.stateMachines[workflow];
  if (!stateMachineArn) throw new Error(`The deployed app has no workflow ${workflow}.`);
  if (!platform.reused && (await countOpenRuns(dynamoDb, outputs.runsTable)) > 0)
    await progress.step('Ending runs that were interrupted', () =>
      untilNoneIsOpen(() => countOpenRuns(dynamoDb, outputs.runsTable), signal),
    );
  signal.throwIfAborted();

  if (workflow === 'application-deployment') await storeExampleRelease(s3, outputs.artifactsBucket);
  const run = await startRun(stepFunctions, { workflow, stateMachineArn, input });
  progress.line(`\n${workflow} ${run.runId}`);
  const stages = stageLines(progress);
  const record = () => readRunRecord(dynamoDb, outputs.runsTable, run.runId);
  try {
    const report = await runWorkflow(
      {
        client: stepFunctions,
        approvalLinks: (runId) => readApprovalLinks(platform.inboxUrl, runId),
        decide: (link, answer) =>
          decideOverHttp(link, { decision: answer, comment: `npm start -- --${answer}` }),
        recordedEnd: async () => (await record())?.result,
        onStages: stages.update,
        onLink: (link) => {
          if (!decision)
            progress.line(`\nOne approver opens this link to approve or reject the change:\n\n  ${link}\n`);
        },
      },
      run,
      { workflow, decision, signal },
    );
    const end = await describeEnd({ ...platform, ...request, report, outputs, run });
    for (const line of ['', ...end.lines, '']) progress.line(line);
    return { ...report, links: { ...report.links, ...end.links } };
  } catch (error) {
    stages.abandon();
    if (isUnreachable(error)) throw new PlatformGoneError();
    if (signal.aborted && !isOurs) progress.line('The run goes on; its approval link stays valid.');
    // A kept platform goes on with a run that nobody watches any more; ours would cut it off. The first error is
    // the one to tell, should stopping fail too.
    if (isOurs || !signal.aborted)
      await progress
        .step('Stopping the run', () =>
          stopRun(stepFunctions, run.executionArn, async () => (await record())?.open === undefined),
        )
        .catch(() => undefined);
    throw error;
  }
};
