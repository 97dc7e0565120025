import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { type Stage, stagesOf } from './run-stages';

/** How an execution ended, as Step Functions tells it. */
export interface EndedExecution {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly output: unknown;
  readonly error: string | null;
  readonly cause: string | null;
  readonly stages: readonly Stage[];
}

export interface WatchOptions {
  readonly intervalMs: number;
  /** Called with the stages so far, whenever they were read. */
  readonly onStages?: (stages: readonly Stage[]) => void | Promise<void>;
  /** Aborting it ends the watching, not the run. */
  readonly signal?: AbortSignal;
}

/** Watches an execution until it has ended. */
export const watchRun = async (
  client: SFNClient,
  executionArn: string,
  options: WatchOptions,
): Promise<EndedExecution> => {
  for (;;) {
    options.signal?.throwIfAborted();
    const { stages, ended } = await readRun(client, executionArn);
    await options.onStages?.(stages);
    if (ended) return ended;
    try {
      await sleep(options.intervalMs, undefined, options.signal ? { signal: options.signal } : {});
    } catch (error) {
      options.signal?.throwIfAborted();
      throw error;
    }
  }
};

/** How an execution stands now; `ended` is null while it runs. */
export const readRun = async (
  client: SFNClient,
  executionArn: string,
): Promise<{ stages: readonly Stage[]; ended: EndedExecution | null }> => {
  const events = await history(client, executionArn);
  const stages = stagesOf(events, Date.now());
  return { stages, ended: hasEnded(events) ? { ...(await describe(client, executionArn)), stages } : null };
};

/** Not only the last event: a state that was under way may still report after the execution was stopped. */
const hasEnded = (events: readonly HistoryEvent[]): boolean =>
  events.some(({ type = '' }) => /^Execution(?:Succeeded|Failed|TimedOut|Aborted)$/.test(type));

const history = async (client: SFNClient, executionArn: string): Promise<readonly HistoryEvent[]> => {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    // Without data: a history holds task tokens, which no client needs.
    const page = await client.send(
      new GetExecutionHistoryCommand({
        executionArn,
        maxResults: 1000,
        includeExecutionData: false,
        ...(nextToken ? { nextToken } : {}),
      }),
    );
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken);
  return events;
};

const describe = async (client: SFNClient, executionArn: string): Promise<Omit<EndedExecution, 'stages'>> => {
  const execution = await client.send(new DescribeExecutionCommand({ executionArn }));
  const { status } = execution;
  if (status !== 'SUCCEEDED' && status !== 'FAILED' && status !== 'TIMED_OUT' && status !== 'ABORTED')
    throw new Error(`The execution ${executionArn} has ended, but reports the status ${status}.`);
  return {
    status,
    output: status === 'SUCCEEDED' && execution.output ? JSON.parse(execution.output) : null,
    error: execution.error ?? null,
    cause: execution.cause ?? null,
  };
};
