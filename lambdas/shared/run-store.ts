import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { hasLanded } from './conditional-write';
import type { ChangeRef, Outcome, Places } from './contract';
import { type RunContent, type RunRecord, runRecord } from './run-record';

/** The runs table, as the steps use them. Every write is conditional, so every call may be repeated. */
export interface RunStore {
  get(runId: string): Promise<RunRecord | undefined>;
  /** Records a start, or returns the record that this name has already: of an earlier call, or of another execution. */
  create(run: RunRecord): Promise<RunRecord>;
  /** `false`: the run has been stopped. */
  describe(
    runId: string,
    about: { workspace: string; content: RunContent; attempt: number; places: Places },
  ): Promise<boolean>;
  /** Notes who sent the start of a run; what was noted of a principal stays. */
  addStarter(
    runId: string,
    principal: string,
    who: NonNullable<RunRecord['startedBy']>[string],
  ): Promise<void>;
  setChange(runId: string, change: ChangeRef, bound: NonNullable<RunRecord['bound']>): Promise<void>;
  /** Links a run to the one that it resumes; with a change that it carries on, it takes over what was done of it. */
  setResumes(
    runId: string,
    taken: Pick<RunRecord, 'resumes' | 'change' | 'bound' | 'finished'>,
  ): Promise<void>;
  /** `running` → `stopping`, which workers watch for. */
  markStopping(runId: string): Promise<void>;
  /** Records the end. `false`: an end was recorded before, and stays. */
  end(runId: string, end: { outcome: Outcome; endedAt: string; result: unknown }): Promise<boolean>;
  listOpen(): Promise<RunRecord[]>;
  /** The last runs of a workspace that had started by then, newest first. */
  listOfWorkspace(workspace: string, startedBy: string): Promise<RunRecord[]>;
  /** Takes a run that has ended off the reconciler's list: nothing of it is left to give back. */
  close(runId: string): Promise<void>;
}

interface RunStoreDeps {
  readonly client: Pick<DynamoDBDocumentClient, 'send'>;
  readonly runsTable: string;
}

export const makeRunStore = ({ client, runsTable }: RunStoreDeps): RunStore => {
  const readRun = async (runId: string): Promise<RunRecord | undefined> => {
    const { Item } = await client.send(
      new GetCommand({ TableName: runsTable, Key: { runId }, ConsistentRead: true }),
    );
    return Item && runRecord.parse(Item);
  };
  return {
    get: readRun,
    create: async (run) => {
      const first = await hasLanded(
        client.send(
          new PutCommand({
            TableName: runsTable,
            Item: run,
            ConditionExpression: 'attribute_not_exists(runId)',
          }),
        ),
      );
      return first ? run : ((await readRun(run.runId)) ?? run);
    },
    describe: (runId, about) =>
      hasLanded(
        client.send(
          new UpdateCommand({
            TableName: runsTable,
            Key: { runId },
            UpdateExpression:
              'SET workspace = :workspace, requestedBy = :requestedBy, reason = :reason, content = :content, attempt = :attempt, places = :places',
            ConditionExpression: '#status = :running',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: {
              ':running': 'running',
              ':workspace': about.workspace,
              ':requestedBy': about.content.requestedBy ?? 'unknown',
              ':reason': about.content.reason,
              ':content': about.content,
              ':attempt': about.attempt,
              ':places': about.places,
            },
          }),
        ),
      ),
    addStarter: async (runId, principal, who) => {
      // A map has to be there before something is put into it.
      await client.send(
        new UpdateCommand({
          TableName: runsTable,
          Key: { runId },
          UpdateExpression: 'SET startedBy = if_not_exists(startedBy, :nobody)',
          ConditionExpression: 'attribute_exists(runId)',
          ExpressionAttributeValues: { ':nobody': {} },
        }),
      );
      await hasLanded(
        client.send(
          new UpdateCommand({
            TableName: runsTable,
            Key: { runId },
            UpdateExpression: 'SET startedBy.#principal = :who',
            ConditionExpression: 'attribute_not_exists(startedBy.#principal)',
            ExpressionAttributeNames: { '#principal': principal },
            ExpressionAttributeValues: { ':who': who },
          }),
        ),
      );
    },
    setChange: async (runId, change, bound) => {
      await client.send(
        new UpdateCommand({
          TableName: runsTable,
          Key: { runId },
          UpdateExpression: 'SET #change = :change, bound = :bound',
          ConditionExpression: 'attribute_exists(runId)',
          ExpressionAttributeNames: { '#change': 'change' },
          ExpressionAttributeValues: { ':change': change, ':bound': bound },
        }),
      );
    },
    setResumes: async (runId, taken) => {
      const fields = Object.entries(taken).filter(([, value]) => value !== undefined);
      await client.send(
        new UpdateCommand({
          TableName: runsTable,
          Key: { runId },
          UpdateExpression: `SET ${fields.map(([name]) => `#${name} = :${name}`).join(', ')}`,
          ConditionExpression: 'attribute_exists(runId)',
          ExpressionAttributeNames: Object.fromEntries(fields.map(([name]) => [`#${name}`, name])),
          ExpressionAttributeValues: Object.fromEntries(fields.map(([name, value]) => [`:${name}`, value])),
        }),
      );
    },
    markStopping: async (runId) => {
      await hasLanded(
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
      hasLanded(
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
    listOpen: async () => {
      const open: RunRecord[] = [];
      let from: Record<string, unknown> | undefined;
      do {
        const page = await client.send(
          new QueryCommand({
            TableName: runsTable,
            IndexName: 'open-runs',
            KeyConditionExpression: '#open = :one',
            ExpressionAttributeNames: { '#open': 'open' },
            ExpressionAttributeValues: { ':one': '1' },
            ExclusiveStartKey: from,
          }),
        );
        open.push(...(page.Items ?? []).map((item) => runRecord.parse(item)));
        from = page.LastEvaluatedKey;
      } while (from);
      return open;
    },
    listOfWorkspace: async (workspace, startedBy) => {
      const { Items } = await client.send(
        new QueryCommand({
          TableName: runsTable,
          IndexName: 'by-workspace',
          KeyConditionExpression: 'workspace = :workspace AND startedAt <= :startedBy',
          ExpressionAttributeValues: { ':workspace': workspace, ':startedBy': startedBy },
          ScanIndexForward: false,
          Limit: 20,
        }),
      );
      return (Items ?? []).map((item) => runRecord.parse(item));
    },
    close: async (runId) => {
      await hasLanded(
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
