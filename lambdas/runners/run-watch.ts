import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unlessRefused } from '../shared/conditional-write';
import { type FinishedTask, type RunRecord, runRecord } from '../shared/run-record';

/** What a worker did to its end, under the name that it is kept by. */
export interface Finished extends FinishedTask {
  readonly name: string;
}

/** The run record as a worker uses it: it reports that it lives and learns whether it should. */
export interface RunWatch {
  /** Reports the worker. Returns the run; `undefined` when there is no record: a block started alone. */
  report(runId: string, task: string, at: Date): Promise<Pick<RunRecord, 'status' | 'resumes'> | undefined>;
  /** Takes the report back, unless another task has reported since, and leaves what was done to its end. */
  leave(runId: string, task: string, finished?: Finished): Promise<void>;
}

const seen = runRecord.pick({ status: true, resumes: true });

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
  leave: async (runId, task, finished) => {
    const { name, ...done } = finished ?? {};
    await unlessRefused(
      deps.client.send(
        new UpdateCommand({
          TableName: deps.runsTable,
          Key: { runId },
          UpdateExpression: finished ? 'REMOVE worker SET finished.#name = :done' : 'REMOVE worker',
          ConditionExpression: 'worker.#task = :task',
          ExpressionAttributeNames: { '#task': 'task', ...(name && { '#name': name }) },
          ExpressionAttributeValues: { ':task': task, ...(finished && { ':done': done }) },
        }),
      ),
    );
  },
});
