import type { ExecutionStatus } from '../shared/execution-status';
import type { GithubClient } from '../shared/github-client';
import { executionNamePattern } from '../shared/github-names';
import type { GithubStore, Reported, Stage } from '../shared/github-store';
import { logger } from '../shared/logger';
import type { RunStore } from '../shared/run-store';
import type { ReportCommitStatusInput } from './contract';
import { failedWith, saidAtTheEnd, saidOnTheWay } from './describe-run';

interface Deps {
  readonly store: Pick<GithubStore, 'find' | 'advance' | 'setTold' | 'listOpen'>;
  readonly runs: Pick<RunStore, 'get'>;
  readonly github: Pick<GithubClient, 'setStatus'>;
  /** Where people see a run, or all runs. */
  readonly runUrl: (executionArn: string | undefined) => string;
  /** Where people see an approval. It holds no key: whoever follows it says who they are. */
  readonly approvalUrl: (approvalId: string) => string;
  readonly now: () => Date;
}

/** What became of an execution that could not record its own end. */
const unrecorded: Readonly<Partial<Record<ExecutionStatus, string>>> = {
  ABORTED: 'RunStoppedError',
  TIMED_OUT: 'RunTimedOutError',
};
/** A run that was asked for and of which nothing is known after this was never started. */
const lostAfterMs = 3600_000;
/** How often something newer may come in between; the sweep goes on. */
const tries = 5;

/**
 * Tells GitHub how the runs stand that it asked for. What is to be told only moves forward, and is told again when
 * something newer came in between: events may come twice, late and in any order.
 */
export const makeReportCommitStatus = (deps: Deps) => {
  const tell = async (runId: string): Promise<boolean> => {
    let run = await deps.store.find(runId);
    if (run?.told === run?.rank) return false;
    for (let attempt = 0; run?.report && attempt < tries; attempt++) {
      const { repository, commit, context, report, rank } = run;
      const { state, description, targetUrl: target_url } = report;
      await deps.github.setStatus(repository, commit, { state, context, description, target_url });
      // What was told just now may have reached GitHub after something newer: then that is told again.
      if (await deps.store.setTold(runId, rank)) return true;
      run = await deps.store.find(runId);
    }
    return false;
  };

  const reach = async (runId: string, stage: Stage, report: Reported): Promise<boolean> => {
    await deps.store.advance(runId, stage, report);
    return tell(runId);
  };
  const end = (runId: string, arn: string | undefined, said: ReturnType<typeof failedWith>) =>
    reach(runId, 'ended', { ...said, targetUrl: deps.runUrl(arn) });

  const ofRun = async (runId: string, arn: string, status: ExecutionStatus): Promise<boolean> => {
    if (status === 'RUNNING' || status === 'PENDING_REDRIVE')
      return reach(runId, 'started', { ...saidOnTheWay.started, targetUrl: deps.runUrl(arn) });
    const run = await deps.runs.get(runId);
    const hasEnded = run?.status === 'ended' && run.executionArn === arn;
    return end(runId, arn, hasEnded ? saidAtTheEnd(run) : failedWith(unrecorded[status] ?? 'RunBrokeError'));
  };

  const ofGate = async (runId: string, status: ExecutionStatus): Promise<boolean> => {
    const run = await deps.runs.get(runId);
    if (!run?.change) return false;
    if (status === 'RUNNING')
      return reach(runId, 'waiting', { ...saidOnTheWay.waiting, targetUrl: deps.approvalUrl(run.change.id) });
    // A gate that ends otherwise ends its run, which has an event of its own.
    if (status !== 'SUCCEEDED') return false;
    return reach(runId, 'decided', { ...saidOnTheWay.decided, targetUrl: deps.runUrl(run.executionArn) });
  };

  const catchUp = async (runId: string): Promise<boolean> => {
    const run = await deps.runs.get(runId);
    if (run?.status === 'ended') return end(runId, run.executionArn, saidAtTheEnd(run));
    const asked = await deps.store.find(runId);
    if (!run && asked && deps.now().getTime() - Date.parse(asked.askedAt) > lostAfterMs)
      return end(runId, undefined, failedWith('RunLostError'));
    return tell(runId);
  };

  return async (input: ReportCommitStatusInput): Promise<{ reported: string[] }> => {
    if ('detail' in input) {
      const { name, executionArn, status } = input.detail;
      const [, runId, gate] = executionNamePattern.exec(name) ?? [];
      // Anybody may name an execution like this: only what GitHub asked for is reported.
      if (runId === undefined || !(await deps.store.find(runId))) return { reported: [] };
      const told = await (gate === undefined ? ofRun(runId, executionArn, status) : ofGate(runId, status));
      return { reported: told ? [runId] : [] };
    }
    const reported: string[] = [];
    for (const runId of await deps.store.listOpen()) {
      try {
        if (await catchUp(runId)) reported.push(runId);
      } catch (error) {
        logger.error(`GitHub was not told of run ${runId}; the next sweep tries again`, error as Error);
      }
    }
    return { reported };
  };
};
