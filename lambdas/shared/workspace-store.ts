import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { hasLanded } from './conditional-write';
import { workspaceName } from './names';
import {
  type AppliedContent,
  type KnownCompliance,
  type KnownDrift,
  type TimeToLive,
  timeToLive,
  type WorkspaceRecord,
  workspaceRecord,
} from './workspace-record';

export interface TimedWorkspace {
  readonly workspace: string;
  readonly timeToLive: TimeToLive;
}

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
  /** Notes when what is applied ends, unless that is what is noted; `null`: never. */
  setTimeToLive(workspace: string, timeToLive: TimeToLive | null): Promise<void>;
  /** Every workspace that ends at some time. */
  listTimed(): Promise<TimedWorkspace[]>;
  /** What was done about an end. `false`: another end, or none, is noted by now. */
  tendTimeToLive(workspace: string, before: TimeToLive, after: TimeToLive): Promise<boolean>;
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
  /** Of every workspace that has an attribute, the attributes that are asked for. */
  const scan = async (having: string, attributes: readonly string[]): Promise<Record<string, unknown>[]> => {
    const found: Record<string, unknown>[] = [];
    let after: Record<string, unknown> | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await deps.client.send(
        new ScanCommand({
          TableName,
          ConsistentRead: true,
          Select: 'SPECIFIC_ATTRIBUTES',
          ProjectionExpression: attributes.join(', '),
          FilterExpression: `attribute_exists(${having})`,
          ...(after && { ExclusiveStartKey: after }),
        }),
      );
      found.push(...Items);
      after = LastEvaluatedKey;
    } while (after);
    return found;
  };
  return {
    get,
    listApplied: async () =>
      (await scan('applied', ['workspace'])).map((item) => workspaceName.parse(item.workspace)),
    listTimed: async () =>
      (await scan('timeToLive', ['workspace', 'timeToLive'])).map((item) => ({
        workspace: workspaceName.parse(item.workspace),
        timeToLive: timeToLive.parse(item.timeToLive),
      })),
    setTimeToLive: async (workspace, next) => {
      await hasLanded(
        deps.client.send(
          new UpdateCommand({
            TableName,
            Key: { workspace },
            ...(next === null
              ? { UpdateExpression: 'REMOVE timeToLive' }
              : {
                  UpdateExpression: 'SET timeToLive = :next',
                  ConditionExpression:
                    'attribute_not_exists(timeToLive) OR timeToLive.expiresAt <> :expiresAt',
                  ExpressionAttributeValues: { ':next': next, ':expiresAt': next.expiresAt },
                }),
          }),
        ),
      );
    },
    tendTimeToLive: (workspace, before, after) =>
      hasLanded(
        deps.client.send(
          new UpdateCommand({
            TableName,
            Key: { workspace },
            UpdateExpression: 'SET timeToLive = :after',
            ConditionExpression: 'timeToLive = :before',
            ExpressionAttributeValues: { ':before': before, ':after': after },
          }),
        ),
      ),
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
            UpdateExpression: 'REMOVE applied, drift, compliance, timeToLive',
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
