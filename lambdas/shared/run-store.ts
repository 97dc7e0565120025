import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { DeleteCommand, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { ChangeRef, Outcome } from './contract';
import { type RunRecord, runRecord } from './run-record';

/** Who holds a workspace. */
export interface Lease {
  readonly workspace: string;
  readonly runId: string;
  readonly acquiredAt: string;
}

/** The runs and leases tables, as the steps use them. Every write is conditional, so every call may be repeated. */
export interface RunStore {
  get(runId: string): Promise<RunRecord | undefined>;
  /** Records a start; the same execution may do so again. `false`: another execution has this name. */
  create(run: RunRecord): Promise<boolean>;
  describe(
    runId: string,
    about: { workspace: string; requestedBy: string | null; reason: string },
  ): Promise<void>;
  setChange(runId: string, change: ChangeRef): Promise<void>;
  /** `running` → `stopping`, which workers watch for. */
  markStopping(runId: string): Promise<void>;
  /** Records the end. `false`: an end was recorded before, and stays. */
  end(runId: string, end: { outcome: Outcome; endedAt: string; result: unknown }): Promise<boolean>;
  listOpen(limit: number): Promise<RunRecord[]>;
  /** Takes the workspace, or says who has it. Taking what one has succeeds. */
  acquireLease(lease: Lease): Promise<{ acquired: true } | { acquired: false; holder: Lease | undefined }>;
  /** Gives the workspace back if this run has it, and takes the run off the reconciler's list. */
  settle(run: Pick<RunRecord, 'runId' | 'workspace'>): Promise<void>;
}

interface RunStoreDeps {
  readonly client: Pick<DynamoDBDocumentClient, 'send'>;
  readonly runsTable: string;
  readonly leasesTable: string;
}

const refusedByCondition = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ConditionalCheckFailedException';

/** `true` when the write landed, `false` when its condition did not hold. */
const conditional = async (write: Promise<unknown>): Promise<boolean> => {
  try {
    await write;
    return true;
  } catch (error) {
    if (refusedByCondition(error)) return false;
    throw error;
  }
};

export const makeRunStore = ({ client, runsTable, leasesTable }: RunStoreDeps): RunStore => {
  const readRun = async (runId: string): Promise<RunRecord | undefined> => {
    const { Item } = await client.send(
      new GetCommand({ TableName: runsTable, Key: { runId }, ConsistentRead: true }),
    );
    return Item && runRecord.parse(Item);
  };
  return {
    get: readRun,
    create: (run) =>
      conditional(
        client.send(
          new PutCommand({
            TableName: runsTable,
            Item: run,
            ConditionExpression:
              'attribute_not_exists(runId) OR (executionArn = :arn AND #status = :running)',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: { ':arn': run.executionArn, ':running': 'running' },
          }),
        ),
      ),
    describe: async (runId, about) => {
      await client.send(
        new UpdateCommand({
          TableName: runsTable,
          Key: { runId },
          UpdateExpression: 'SET workspace = :workspace, requestedBy = :requestedBy, reason = :reason',
          ConditionExpression: 'attribute_exists(runId)',
          ExpressionAttributeValues: {
            ':workspace': about.workspace,
            ':requestedBy': about.requestedBy ?? 'unknown',
            ':reason': about.reason,
          },
        }),
      );
    },
    setChange: async (runId, change) => {
      await client.send(
        new UpdateCommand({
          TableName: runsTable,
          Key: { runId },
          UpdateExpression: 'SET #change = :change',
          ConditionExpression: 'attribute_exists(runId)',
          ExpressionAttributeNames: { '#change': 'change' },
          ExpressionAttributeValues: { ':change': change },
        }),
      );
    },
    markStopping: async (runId) => {
      await conditional(
        client.send(
          new UpdateCommand({
            TableName: runsTable,
            Key: { runId },
            UpdateExpression: 'SET #status = :stopping',
            ConditionExpression: '#status = :running',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: { ':stopping': 'stopping', ':running': 'running' },
          }),
        ),
      );
    },
    end: (runId, { outcome, endedAt, result }) =>
      conditional(
        client.send(
          new UpdateCommand({
            TableName: runsTable,
            Key: { runId },
            UpdateExpression:
              'SET #status = :ended, outcome = :outcome, endedAt = :endedAt, #result = :result',
            ConditionExpression: 'attribute_exists(runId) AND #status <> :ended',
            ExpressionAttributeNames: { '#status': 'status', '#result': 'result' },
            ExpressionAttributeValues: {
              ':ended': 'ended',
              ':outcome': outcome,
              ':endedAt': endedAt,
              ':result': result,
            },
          }),
        ),
      ),
    listOpen: async (limit) => {
      const { Items } = await client.send(
        new QueryCommand({
          TableName: runsTable,
          IndexName: 'open-runs',
          KeyConditionExpression: '#open = :one',
          ExpressionAttributeNames: { '#open': 'open' },
          ExpressionAttributeValues: { ':one': '1' },
          Limit: limit,
        }),
      );
      return (Items ?? []).map((item) => runRecord.parse(item));
    },
    acquireLease: async (lease) => {
      const acquired = await conditional(
        client.send(
          new PutCommand({
            TableName: leasesTable,
            Item: lease,
            ConditionExpression: 'attribute_not_exists(workspace) OR runId = :runId',
            ExpressionAttributeValues: { ':runId': lease.runId },
          }),
        ),
      );
      if (acquired) return { acquired };
      const { Item } = await client.send(
        new GetCommand({ TableName: leasesTable, Key: { workspace: lease.workspace }, ConsistentRead: true }),
      );
      return { acquired, holder: Item as Lease | undefined };
    },
    settle: async ({ runId, workspace }) => {
      if (workspace !== undefined)
        await conditional(
          client.send(
            new DeleteCommand({
              TableName: leasesTable,
              Key: { workspace },
              ConditionExpression: 'runId = :runId',
              ExpressionAttributeValues: { ':runId': runId },
            }),
          ),
        );
      await conditional(
        client.send(
          new UpdateCommand({
            TableName: runsTable,
            Key: { runId },
            UpdateExpression: 'REMOVE #open',
            ConditionExpression: '#status = :ended',
            ExpressionAttributeNames: { '#open': 'open', '#status': 'status' },
            ExpressionAttributeValues: { ':ended': 'ended' },
          }),
        ),
      );
    },
  };
};
