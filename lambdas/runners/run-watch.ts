import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unlessRefused } from '../shared/conditional-write';
import type { RunRecord } from '../shared/run-record';

/** The run record as a worker uses it: it reports that it lives and learns whether it should. */
export interface RunWatch {
  /** Reports the worker. Returns the run's status; `undefined` when there is no record: a block started alone. */
  report(runId: string, task: string, at: Date): Promise<RunRecord['status'] | undefined>;
  /** Takes the report back, unless another task has reported since. */
  leave(runId: string, task: string): Promise<void>;
}

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
    return written?.Attributes?.status;
  },
  leave: async (runId, task) => {
    await unlessRefused(
      deps.client.send(
        new UpdateCommand({
          TableName: deps.runsTable,
          Key: { runId },
          UpdateExpression: 'REMOVE worker',
          ConditionExpression: 'worker.#task = :task',
          ExpressionAttributeNames: { '#task': 'task' },
          ExpressionAttributeValues: { ':task': task },
        }),
      ),
    );
  },
});
