import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { hasLanded } from './conditional-write';
import {
  type AppliedContent,
  type KnownDrift,
  type WorkspaceRecord,
  workspaceRecord,
} from './workspace-record';

/** What is known of workspaces. Who writes holds the workspace's lease, and every write may be repeated. */
export interface WorkspaceStore {
  get(workspace: string): Promise<WorkspaceRecord | undefined>;
  /** Notes what the workspace was brought to, unless something newer is noted. */
  setApplied(workspace: string, applied: AppliedContent): Promise<void>;
  /** Forgets what was applied and what drifted: the workspace was destroyed, at that time. */
  clearApplied(workspace: string, at: string): Promise<void>;
  /** Notes the change that was bound last, unless a newer one is noted. */
  setNewestChange(workspace: string, change: { changeId: string; runId: string; at: string }): Promise<void>;
  /** Keeps what other tasks took. */
  setDurations(workspace: string, seconds: Readonly<Record<string, number>>): Promise<void>;
  setDrift(workspace: string, drift: KnownDrift): Promise<void>;
}

export const makeWorkspaceStore = (deps: {
  client: Pick<DynamoDBDocumentClient, 'send'>;
  workspacesTable: string;
}): WorkspaceStore => {
  const TableName = deps.workspacesTable;
  const get = async (workspace: string): Promise<WorkspaceRecord | undefined> => {
    const { Item } = await deps.client.send(
      new GetCommand({ TableName, Key: { workspace }, ConsistentRead: true }),
    );
    return Item && workspaceRecord.parse(Item);
  };
  const set = async (workspace: string, field: keyof WorkspaceRecord, value: unknown): Promise<void> => {
    await deps.client.send(
      new UpdateCommand({
        TableName,
        Key: { workspace },
        UpdateExpression: 'SET #field = :value',
        ExpressionAttributeNames: { '#field': field },
        ExpressionAttributeValues: { ':value': value },
      }),
    );
  };
  return {
    get,
    setApplied: async (workspace, applied) => {
      await hasLanded(
        deps.client.send(
          new UpdateCommand({
            TableName,
            Key: { workspace },
            UpdateExpression: 'SET applied = :applied REMOVE drift',
            ConditionExpression: 'attribute_not_exists(applied) OR applied.#at < :at',
            ExpressionAttributeNames: { '#at': 'at' },
            ExpressionAttributeValues: { ':applied': applied, ':at': applied.at },
          }),
        ),
      );
    },
    clearApplied: async (workspace, at) => {
      await hasLanded(
        deps.client.send(
          new UpdateCommand({
            TableName,
            Key: { workspace },
            UpdateExpression: 'REMOVE applied, drift',
            ConditionExpression: 'applied.#at < :at',
            ExpressionAttributeNames: { '#at': 'at' },
            ExpressionAttributeValues: { ':at': at },
          }),
        ),
      );
    },
    setNewestChange: async (workspace, change) => {
      await hasLanded(
        deps.client.send(
          new UpdateCommand({
            TableName,
            Key: { workspace },
            UpdateExpression: 'SET newestChange = :change',
            ConditionExpression: 'attribute_not_exists(newestChange) OR newestChange.#at <= :at',
            ExpressionAttributeNames: { '#at': 'at' },
            ExpressionAttributeValues: { ':change': change, ':at': change.at },
          }),
        ),
      );
    },
    setDurations: async (workspace, seconds) => {
      if (Object.keys(seconds).length === 0) return;
      await set(workspace, 'durations', { ...(await get(workspace))?.durations, ...seconds });
    },
    setDrift: (workspace, drift) => set(workspace, 'drift', drift),
  };
};
