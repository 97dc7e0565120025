import type { HistoryEvent } from '@aws-sdk/client-sfn';

/** One state of a run that does work, as people see it pass. */
export interface Stage {
  readonly name: string;
  readonly status: 'running' | 'succeeded' | 'failed' | 'stopped';
  readonly seconds: number;
}

const entered = /^(?:Task|Parallel|Map)StateEntered$/;
const exited = /^(?:Task|Parallel|Map)StateExited$/;
const attemptFailed =
  /^(?:TaskFailed|TaskTimedOut|TaskStartFailed|TaskSubmitFailed|MapStateFailed|ParallelStateFailed)$/;
const attemptSucceeded = /^(?:TaskSucceeded|MapStateSucceeded|ParallelStateSucceeded)$/;
const ends: Readonly<Record<string, Stage['status']>> = {
  ExecutionFailed: 'failed',
  ExecutionTimedOut: 'failed',
  ExecutionAborted: 'stopped',
  ExecutionSucceeded: 'succeeded',
};

interface OpenStage {
  readonly name: string;
  readonly since: number;
  lastAttemptFailed: boolean;
}

/**
 * The stages of a run, in order, from its execution history so far. A state that was caught counts as failed:
 * its last attempt failed, whatever the workflow did next.
 *
 * @param now milliseconds, the end of stages that still run
 */
export const stagesOf = (events: readonly HistoryEvent[], now: number): readonly Stage[] => {
  const stages: Stage[] = [];
  const open: OpenStage[] = [];
  const close = (stage: OpenStage, status: Stage['status'], at: number) =>
    stages.push({ name: stage.name, status, seconds: Math.max(0, Math.round(at - stage.since)) / 1000 });
  for (const event of events) {
    const type = event.type ?? '';
    const at = event.timestamp?.getTime() ?? now;
    const current = open.at(-1);
    const end = ends[type];
    if (entered.test(type))
      open.push({ name: event.stateEnteredEventDetails?.name ?? '', since: at, lastAttemptFailed: false });
    else if (attemptFailed.test(type) && current) current.lastAttemptFailed = true;
    else if (attemptSucceeded.test(type) && current) current.lastAttemptFailed = false;
    else if (exited.test(type)) {
      const stage = remove(open, event.stateExitedEventDetails?.name ?? '');
      if (stage) close(stage, stage.lastAttemptFailed ? 'failed' : 'succeeded', at);
    } else if (end) for (const stage of open.splice(0)) close(stage, end, at);
  }
  for (const stage of open) close(stage, 'running', now);
  return stages;
};

const remove = (open: OpenStage[], name: string): OpenStage | undefined => {
  const index = open.findLastIndex((stage) => stage.name === name);
  return index < 0 ? undefined : open.splice(index, 1)[0];
};
