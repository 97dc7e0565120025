import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { hasLanded } from './conditional-write';
import { workspaceName } from './names';
import {
  type AppliedContent,
  type KnownCompliance,
  type KnownDrift,
  type WorkspaceRecord,
  workspaceRecord,
} from './workspace-record';

/** What is known of workspaces. Who writes holds the workspace's lease, and every write may be repeated. */
export interface WorkspaceStore {
  get(workspace: string): Promise<WorkspaceRecord | undefined>;
  /** Every workspace in which something is applied. */
  listApplied(): Promise<string[]>;
  /** Notes what the workspace was brought to, unless something newer is noted. */
  setApplied(workspace: string, applied: AppliedContent): Promise<void>;
  /** Forgets what was applied, what drifted and which rules failed: the workspace was destroyed, at that time. */
  clearApplied(workspace: string, at: string): Promise<void>;
  /** Notes the change that was bound last, unless a newer one is noted. */
  setNewestChange(workspace: string, change: { changeId: string; runId: string; at: string }): Promise<void>;
  /** Notes what tasks took, and those that ran out of time; keeps what is known of others. */
  setDurations(
    workspace: string,
    seconds: Readonly<Record<string, number>>,
    interrupted: readonly string[],
  ): Promise<void>;
  setDrift(workspace: string, drift: KnownDrift): Promise<void>;
  setCompliance(workspace: string, compliance: KnownCompliance): Promise<void>;
}

/** What is known of tasks after these were done, or ran out of time. */
export const withDurations = (
  known: Pick<WorkspaceRecord, 'durations' | 'interrupted'> | undefined,
  seconds: Readonly<Record<string, number>>,
  interrupted: readonly string[],
): Required<Pick<WorkspaceRecord, 'durations' | 'interrupted'>> => ({
  durations: { ...known?.durations, ...seconds },
  interrupted: [
    ...(known?.interrupted ?? []).filter((task) => !(task in seconds) && !interrupted.includes(task)),
    ...interrupted,
  ],
});

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
  const set = async (workspace: string, fields: Partial<WorkspaceRecord>): Promise<void> => {
    const names = Object.keys(fields);
    await deps.client.send(
      new UpdateCommand({
        TableName,
        Key: { workspace },
        UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
        ExpressionAttributeValues: Object.fromEntries(
          Object.entries(fields).map(([name, value]) => [`:${name}`, value]),
        ),
      }),
    );
  };
  return {
    get,
    listApplied: async () => {
      const found: string[] = [];
      let after: Record<string, unknown> | undefined;
      do {
        const { Items = [], LastEvaluatedKey } = await deps.client.send(
          new ScanCommand({
            TableName,
            ConsistentRead: true,
            Select: 'SPECIFIC_ATTRIBUTES',
            ProjectionExpression: 'workspace',
            FilterExpression: 'attribute_exists(applied)',
            ...(after && { ExclusiveStartKey: after }),
          }),
        );
        found.push(...Items.map((item) => workspaceName.parse(item.workspace)));
        after = LastEvaluatedKey;
      } while (after);
      return found;
    },
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
            UpdateExpression: 'REMOVE applied, drift, compliance',
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
    setDurations: async (workspace, seconds, interrupted) => {
      if (Object.keys(seconds).length + interrupted.length === 0) return;
      await set(workspace, withDurations(await get(workspace), seconds, interrupted));
    },
    setDrift: (workspace, drift) => set(workspace, { drift }),
    setCompliance: (workspace, compliance) => set(workspace, { compliance }),
  };
};
