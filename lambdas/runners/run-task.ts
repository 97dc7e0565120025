import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeadlineError, InvalidInputError, RunStoppedError, StepError } from '../shared/errors';
import { logger } from '../shared/logger';
import { makeAnsibleRun } from './ansible-run';
import { makeComplianceScan } from './compliance-scan';
import type { RunnerInput, RunnerOutput } from './contract';
import { endLeftoverProcesses } from './leftover-processes';
import { type CredentialEndpoint, type IssueCredentials, openCredentialEndpoint } from './lent-credentials';
import { makeProbeHosts } from './probe-hosts';
import type { Left, RunWatch } from './run-watch';
import type { RunnerDeps, TerraformContext } from './runner';
import { makeScriptRun } from './script-run';
import { makeTaskLog, type TaskLog } from './task-log';
import { makeTerraformApply } from './terraform-apply';
import { makeTerraformPlan } from './terraform-plan';
import { ownSecrets } from './tool-environment';

/** Below what one CloudWatch event may hold. */
const logChunk = 200_000;

interface RunTaskDeps extends RunnerDeps {
  readonly watch: RunWatch;
  /** Asks the credential broker. */
  readonly issueCredentials: IssueCredentials;
  /** Tasks that this deployment may do. */
  readonly accepts: readonly RunnerInput['task'][];
  /** @default 1 second */
  readonly watchEveryMs?: number;
}

interface Watched {
  /** The change of another run that this one, which resumes it, may carry on. */
  readonly mayCarryOn: string | null;
  readonly leave: (left?: Left) => Promise<void>;
}

export interface TaskLimits {
  /** Milliseconds that the task may take; the tool is interrupted then. */
  readonly timeMs: number;
  /** Aborted when the worker itself is told to stop. */
  readonly stop?: AbortSignal;
}

const dispatch = (deps: RunnerDeps, input: RunnerInput, context: TerraformContext): Promise<RunnerOutput> => {
  switch (input.task) {
    case 'terraform-plan':
      return makeTerraformPlan(deps)(input, context);
    case 'terraform-apply':
      return makeTerraformApply(deps)(input, context);
    case 'ansible-run':
      return makeAnsibleRun(deps)(input, context);
    case 'compliance-scan':
      return makeComplianceScan(deps)(input, context);
    case 'probe-hosts':
      return makeProbeHosts(deps)(input, context);
    case 'script-run':
      return makeScriptRun(deps)(input, context);
  }
};

/** A task by name, apart by what it may do: checking and running leave logs and durations of their own. */
const taskName = (input: RunnerInput): string =>
  'mode' in input && input.task !== 'terraform-plan' ? `${input.task}-${input.mode}` : input.task;

/** What is finished is not done again: not by a run that is resumed, nor by a block that was started alone. */
const howToResume = ({ run: { runId, workspace } }: RunnerInput): string =>
  `Go on with it by "orchestrator resume ${runId}", or by starting its workflow with ${JSON.stringify({ workspace, resume: runId })}.`;

/**
 * Does one task in a fresh folder, watched: when the run is stopped, the deadline is near or the worker is told to
 * stop, the tool is interrupted so that it saves its state and releases its lock, and a named error is raised.
 */
export const makeRunTask = (deps: RunTaskDeps) => {
  const saveLog = async (input: RunnerInput, log: TaskLog): Promise<void> => {
    const text = log.text();
    if (text === '') return;
    for (let at = 0; at < text.length; at += logChunk)
      logger.info('tool output', {
        runId: input.run.runId,
        task: input.task,
        output: text.slice(at, at + logChunk),
      });
    await deps.artifacts.put(
      `runs/${input.run.runId}/logs/${taskName(input)}.log`,
      text,
      'text/plain; charset=utf-8',
    );
  };

  const watchRun = async (input: RunnerInput, controller: AbortController): Promise<Watched> => {
    const { runId } = input.run;
    const look = async () => {
      const run = await deps.watch.report(runId, input.task, deps.now());
      const status = run?.status;
      if (status === 'stopping' || status === 'ended')
        controller.abort(
          new RunStoppedError(
            `The run ${runId} was stopped; ${input.task} was interrupted; what it had done is saved. ${howToResume(input)}`,
          ),
        );
      return run;
    };
    const run = await look();
    if (!run) return { mayCarryOn: null, leave: async () => undefined };
    let looking: Promise<unknown> = Promise.resolve();
    const timer = setInterval(() => {
      looking = look().catch((error: Error) =>
        logger.warn('the run record could not be read', { reason: error.message }),
      );
    }, deps.watchEveryMs ?? 1000);
    return {
      mayCarryOn: run.resumes?.changeId ?? null,
      leave: async (left) => {
        clearInterval(timer);
        await looking;
        await deps.watch.leave(runId, input.task, left);
      },
    };
  };

  const clear = async (folder: string): Promise<void> => {
    await endLeftoverProcesses(folder);
    await fs.rm(folder, { recursive: true, force: true });
  };

  return async (input: RunnerInput, limits: TaskLimits): Promise<RunnerOutput> => {
    if (!deps.accepts.includes(input.task))
      throw new InvalidInputError(
        `This runner does not do ${input.task}; it does ${deps.accepts.join(', ')}.`,
      );
    const controller = new AbortController();
    const deadline = setTimeout(
      () =>
        controller.abort(
          new DeadlineError(
            `${input.task} ran out of time and was interrupted; what it had done is saved. ${howToResume(input)} ` +
              'It then goes on on Fargate, where there is one: two hours instead of 15 minutes.',
          ),
        ),
      Math.max(0, limits.timeMs),
    );
    const onStop = (): void =>
      controller.abort(
        new RunStoppedError(
          `The worker was told to stop; ${input.task} was interrupted; what it had done is saved. ${howToResume(input)}`,
        ),
      );
    limits.stop?.addEventListener('abort', onStop, { once: true });
    if (limits.stop?.aborted) onStop();

    const log = makeTaskLog(ownSecrets(deps.env));
    let folder: string | undefined;
    let watched: Watched | undefined;
    let left: Left | undefined;
    const startedAt = deps.now().getTime();
    const sinceStart = () => {
      const now = deps.now();
      return { at: now.toISOString(), seconds: Math.max(0, now.getTime() - startedAt) / 1000 };
    };
    const endpoints: CredentialEndpoint[] = [];
    const lendCredentials: TerraformContext['lendCredentials'] = async (request) => {
      const endpoint = await openCredentialEndpoint({
        issue: () => deps.issueCredentials(request),
        hide: log.hide,
        now: deps.now,
      });
      endpoints.push(endpoint);
      return endpoint;
    };
    try {
      watched = await watchRun(input, controller);
      controller.signal.throwIfAborted();
      folder = await fs.mkdtemp(join(tmpdir(), 'runner-'));
      const { mayCarryOn } = watched;
      const output = await dispatch(deps, input, {
        folder,
        signal: controller.signal,
        log,
        mayCarryOn,
        lendCredentials,
      });
      const changeId = ('change' in input && input.change?.id) || null;
      left = { finished: taskName(input), changeId, ...sinceStart() };
      return output;
    } catch (error) {
      log.write(`${error instanceof Error ? error.name : 'Error'}: the task ended without a result\n`);
      if (error instanceof DeadlineError) left = { interrupted: taskName(input), ...sinceStart() };
      if (error instanceof StepError) error.message = log.mask(error.message);
      throw error;
    } finally {
      clearTimeout(deadline);
      limits.stop?.removeEventListener('abort', onStop);
      await Promise.all([
        saveLog(input, log).catch((error: Error) => logger.error('the log was not saved', error)),
        watched?.leave(left).catch((error: Error) => logger.error('the worker was not signed off', error)),
        folder === undefined ? undefined : clear(folder),
        ...endpoints.map((endpoint) => endpoint.close()),
      ]);
    }
  };
};
