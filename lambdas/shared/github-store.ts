import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { hasLanded } from './conditional-write';
import { commitId, repositoryName } from './github-names';

/** How far a run is, as GitHub is told: only forward. */
export const stages = ['asked', 'started', 'waiting', 'decided', 'ended'] as const;
export type Stage = (typeof stages)[number];
const rank = (stage: Stage): number => stages.indexOf(stage);

export const reported = z.object({
  state: z.enum(['pending', 'success', 'failure']),
  description: z.string().max(140),
  targetUrl: z.url(),
});
export type Reported = z.infer<typeof reported>;

/** What was answered to a delivery: the same bytes get the same answer again. */
const deliveryRecord = z.object({ id: z.string(), answer: z.string() });

/** A run that GitHub asked for, and what GitHub is to be told of it. */
export const githubRun = z.object({
  id: z.string(),
  runId: z.string(),
  repository: repositoryName,
  commit: commitId,
  context: z.string(),
  askedAt: z.string(),
  rank: z.int(),
  /** What to tell; nothing yet while it is only asked for. */
  report: reported.optional(),
  /** The rank of what GitHub was told. */
  told: z.int().optional(),
  /** Present until GitHub was told the end (sparse index `open-reports`). */
  open: z.literal('1').optional(),
});
export type GithubRun = z.infer<typeof githubRun>;

/** Deliveries of GitHub and the runs that came of them. Every write is conditional, so every call may be repeated. */
export interface GithubStore {
  answerTo(digest: string): Promise<string | undefined>;
  /** Keeps the first answer, and returns it. */
  keepAnswer(digest: string, answer: string): Promise<string>;
  /** Notes that a run was asked for, unless it is noted. */
  ask(run: Pick<GithubRun, 'runId' | 'repository' | 'commit' | 'context' | 'askedAt'>): Promise<void>;
  find(runId: string): Promise<GithubRun | undefined>;
  /** `false`: as much or more is known already. */
  advance(runId: string, stage: Stage, report: Reported): Promise<boolean>;
  /** Notes what GitHub was told. `false`: there is something newer to tell. */
  setTold(runId: string, told: number): Promise<boolean>;
  listOpen(): Promise<string[]>;
}

interface Deps {
  readonly client: Pick<DynamoDBDocumentClient, 'send'>;
  readonly table: string;
  readonly now: () => Date;
}

/** GitHub delivers again for three days; reports are of use for as long as a run may wait. */
const keptDays = { delivery: 30, run: 90 };

export const makeGithubStore = ({ client, table: TableName, now }: Deps): GithubStore => {
  const expiresAt = (days: number): number => Math.floor(now().getTime() / 1000) + days * 24 * 3600;
  const read = async (id: string): Promise<Record<string, unknown> | undefined> =>
    (await client.send(new GetCommand({ TableName, Key: { id }, ConsistentRead: true }))).Item;
  const create = (item: Record<string, unknown>): Promise<boolean> =>
    hasLanded(
      client.send(new PutCommand({ TableName, Item: item, ConditionExpression: 'attribute_not_exists(id)' })),
    );
  const answerTo = async (digest: string): Promise<string | undefined> => {
    const item = await read(`delivery#${digest}`);
    return item && deliveryRecord.parse(item).answer;
  };
  const ended = rank('ended');
  return {
    answerTo,
    keepAnswer: async (digest, answer) => {
      const id = `delivery#${digest}`;
      if (await create({ id, answer, expiresAt: expiresAt(keptDays.delivery) })) return answer;
      return (await answerTo(digest)) ?? answer;
    },
    ask: async (run) => {
      await create({
        ...run,
        id: `run#${run.runId}`,
        rank: rank('asked'),
        told: rank('asked'),
        open: '1',
        expiresAt: expiresAt(keptDays.run),
      });
    },
    find: async (runId) => {
      const item = await read(`run#${runId}`);
      return item && githubRun.parse(item);
    },
    advance: (runId, stage, report) =>
      hasLanded(
        client.send(
          new UpdateCommand({
            TableName,
            Key: { id: `run#${runId}` },
            UpdateExpression: 'SET #rank = :rank, report = :report',
            ConditionExpression: '#rank < :rank',
            ExpressionAttributeNames: { '#rank': 'rank' },
            ExpressionAttributeValues: { ':rank': rank(stage), ':report': report },
          }),
        ),
      ),
    setTold: (runId, told) =>
      hasLanded(
        client.send(
          new UpdateCommand({
            TableName,
            Key: { id: `run#${runId}` },
            UpdateExpression: told === ended ? 'SET told = :told REMOVE #open' : 'SET told = :told',
            ConditionExpression: '#rank = :told',
            ExpressionAttributeNames: { '#rank': 'rank', ...(told === ended && { '#open': 'open' }) },
            ExpressionAttributeValues: { ':told': told },
          }),
        ),
      ),
    listOpen: async () => {
      const open: string[] = [];
      let from: Record<string, unknown> | undefined;
      do {
        const page = await client.send(
          new QueryCommand({
            TableName,
            IndexName: 'open-reports',
            KeyConditionExpression: '#open = :one',
            ExpressionAttributeNames: { '#open': 'open' },
            ExpressionAttributeValues: { ':one': '1' },
            ExclusiveStartKey: from,
          }),
        );
        open.push(...(page.Items ?? []).map(({ id }) => String(id).replace(/^run#/, '')));
        from = page.LastEvaluatedKey;
      } while (from);
      return open;
    },
  };
};
