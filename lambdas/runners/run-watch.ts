import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unlessRefused } from '../shared/conditional-write';
import { type FinishedTask, type RunRecord, runRecord } from '../shared/run-record';

/** How a worker left its task, under the name that it is kept by: done to its end, or out of time. */
export type Left =
  | ({ readonly finished: string } & FinishedTask)
  | ({ readonly interrupted: string } & Pick<FinishedTask, 'at' | 'seconds'>);

/** The run record as a worker uses it: it reports that it lives and learns whether it should. */
export interface RunWatch {
  /** Reports the worker. Returns the run; `undefined` when there is no record: a block started alone. */
  report(runId: string, task: string, at: Date): Promise<Pick<RunRecord, 'status' | 'resumes'> | undefined>;
  /** Takes the report back, unless another task has reported since, and notes how the task was left. */
  leave(runId: string, task: string, left?: Left): Promise<void>;
}

const seen = runRecord.pick({ status: true, resumes: true });

/** The part of the update that notes how a task was left. */
const noteOf = (left: Left | undefined): { set: string; names: object; values: object } => {
  if (!left) return { set: '', names: {}, values: {} };
  if ('finished' in left) {
    const { finished: name, ...done } = left;
    return { set: ' SET finished.#name = :done', names: { '#name': name }, values: { ':done': done } };
  }
  const { interrupted, ...when } = left;
  return { set: ' SET interrupted = :left', names: {}, values: { ':left': { task: interrupted, ...when } } };
};

export const makeRunWatch = (deps: {
  client: Pick<DynamoDBDocumentClient, 'send'>;
  runsTable: string;
}): RunWatch => ({
  report: async (runId, task, at) => {
    const written = await unlessRefused(
      deps.client.send(
        new UpdateCommand({
          TableName: deps.runsTable,
          Key: { runId },
          UpdateExpression: 'SET worker = :worker',
          ConditionExpression: 'attribute_exists(runId)',
          ExpressionAttributeValues: { ':worker': { task, heartbeatAt: at.toISOString() } },
          ReturnValues: 'ALL_NEW',
        }),
      ),
    );
    return written && seen.parse(written.Attributes);
  },
  leave: async (runId, task, left) => {
    const note = noteOf(left);
    await unlessRefused(
      deps.client.send(
        new UpdateCommand({
          TableName: deps.runsTable,
          Key: { runId },
          UpdateExpression: `REMOVE worker${note.set}`,
          ConditionExpression: 'worker.#task = :task',
          ExpressionAttributeNames: { '#task': 'task', ...note.names },
          ExpressionAttributeValues: { ':task': task, ...note.values },
        }),
      ),
    );
  },
});
