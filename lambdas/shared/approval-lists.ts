import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { BatchGetCommand, GetCommand, QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { audiencesKey, endedList, waitingList } from './approval-order';
import { type ApprovalView, approvalView, viewProjection } from './approval-reader';

/** Some of a list, and where it goes on. */
export interface ListedApprovals {
  readonly approvals: readonly ApprovalView[];
  /** Hand it back to read on; absent at the end. */
  readonly next?: string;
}

/** A place to read on from, and how many at most. */
export interface Stretch {
  readonly after: string | undefined;
  readonly size: number;
}

/** Approvals in the order in which people look for them. Only indexes are queried, and what is shown is read. */
export interface ApprovalLists {
  /** Those that wait and that somebody of these groups may answer, or all that wait; the soonest expiry first. */
  waiting(groups: readonly string[] | 'all', now: Date, stretch: Stretch): Promise<ListedApprovals>;
  /** What somebody asked for, the newest first. */
  askedBy(person: string, stretch: Stretch): Promise<ListedApprovals>;
  /** What ended within the last months, the latest first. */
  ended(now: Date, stretch: Stretch): Promise<ListedApprovals>;
}

interface Entry {
  readonly approvalId: string;
  readonly at: string;
}

/** Months that the list of what ended goes back. */
const monthsBack = 3;
/** What one BatchGetItem takes. */
const largestBatch = 100;

const monthBefore = (month: string): string => {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number - 2, 1)).toISOString().slice(0, 7);
};

export const makeApprovalLists = (deps: {
  client: Pick<DynamoDBDocumentClient, 'send'>;
  table: string;
}): ApprovalLists => {
  const query = async (
    by: { index: string; key: string; at: string },
    {
      list,
      from,
      size,
      newestFirst,
    }: { list: string; from?: string | undefined; size: number; newestFirst: boolean },
  ): Promise<Entry[]> => {
    const input: QueryCommandInput = {
      TableName: deps.table,
      IndexName: by.index,
      KeyConditionExpression: `#key = :list${from === undefined ? '' : ` AND #at ${newestFirst ? '<' : '>'} :from`}`,
      ExpressionAttributeNames: { '#key': by.key, ...(from !== undefined && { '#at': by.at }) },
      ExpressionAttributeValues: { ':list': list, ...(from !== undefined && { ':from': from }) },
      ScanIndexForward: !newestFirst,
      Limit: size,
    };
    const { Items } = await deps.client.send(new QueryCommand(input));
    return (Items ?? []).map((item) => ({ approvalId: String(item.approvalId), at: String(item[by.at]) }));
  };
  const lists = { index: 'lists', key: 'list', at: 'listAt' };

  /** Reads what is to be shown, as it is now and in the same order: an index may be a moment behind. */
  const read = async (entries: readonly Entry[]): Promise<ApprovalView[]> => {
    const found = new Map<string, ApprovalView>();
    let keys: Record<string, unknown>[] = entries
      .slice(0, largestBatch)
      .map(({ approvalId }) => ({ approvalId }));
    while (keys.length > 0) {
      const { Responses, UnprocessedKeys } = await deps.client.send(
        new BatchGetCommand({
          RequestItems: { [deps.table]: { Keys: keys, ConsistentRead: true, ...viewProjection } },
        }),
      );
      for (const item of Responses?.[deps.table] ?? []) {
        const approval = approvalView.parse(item);
        found.set(approval.approvalId, approval);
      }
      keys = UnprocessedKeys?.[deps.table]?.Keys ?? [];
    }
    return entries.flatMap(({ approvalId }) => found.get(approvalId) ?? []);
  };

  const page = async (entries: readonly Entry[], size: number): Promise<ListedApprovals> => {
    const shown = entries.slice(0, size);
    const last = shown.at(-1);
    return {
      approvals: await read(shown),
      ...(entries.length > size && last && { next: last.at }),
    };
  };

  const audiences = async (): Promise<string[]> => {
    const { Item } = await deps.client.send(new GetCommand({ TableName: deps.table, Key: audiencesKey }));
    return [...((Item?.names as Set<string> | undefined) ?? [])];
  };

  return {
    waiting: async (groups, now, { after, size }) => {
      const suited = (await audiences()).filter(
        (audience) => groups === 'all' || audience.split('+').some((group) => groups.includes(group)),
      );
      // What has expired waits for nobody, also while it is still marked as waiting. No id sorts behind a tilde.
      const from = [`${now.toISOString()}~`, after ?? ''].sort().at(-1);
      const found = await Promise.all(
        suited.map((audience) =>
          query(lists, { list: waitingList(audience), from, size: size + 1, newestFirst: false }),
        ),
      );
      const soonest = found.flat().sort((one, other) => (one.at < other.at ? -1 : 1));
      const { approvals, ...rest } = await page(soonest, size);
      return { approvals: approvals.filter(({ status }) => status === 'pending'), ...rest };
    },
    askedBy: async (person, { after, size }) =>
      page(
        await query(
          { index: 'asked', key: 'askedBy', at: 'askedAt' },
          { list: person, from: after, size: size + 1, newestFirst: true },
        ),
        size,
      ),
    ended: async (now, { after, size }) => {
      const oldest = Array.from({ length: monthsBack }).reduce<string>(
        monthBefore,
        now.toISOString().slice(0, 7),
      );
      const found: Entry[] = [];
      for (
        let month = (after ?? now.toISOString()).slice(0, 7);
        month > oldest && found.length <= size;
        month = monthBefore(month)
      )
        found.push(
          ...(await query(lists, {
            list: endedList(month),
            from: after,
            size: size + 1 - found.length,
            newestFirst: true,
          })),
        );
      return page(found, size);
    },
  };
};
