import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { utc } from './describe-change';
import { WorkspaceFrozenError } from './errors';
import { segment, tenantOf, workspaceName } from './names';

/** What is frozen: everything, a tenant, or one workspace. */
export const freezeScope = z.union([z.literal('all'), segment, workspaceName]);

/** One freeze. It lies in the leases table, whose keys of workspaces never hold a colon. */
export const freeze = z.strictObject({
  scope: freezeScope,
  /** What the caller claims; nobody verified it. */
  by: z.string().max(128),
  reason: z.string().max(1000),
  at: z.string().max(32),
  /** `null`: until somebody ends it. */
  until: z.string().max(32).nullable(),
});
export type Freeze = z.infer<typeof freeze>;

export interface FreezeStore {
  set(freeze: Freeze): Promise<void>;
  /** The freeze that was ended, if there was one. */
  lift(scope: string): Promise<Freeze | undefined>;
  /** What holds a workspace at this time, the widest first. */
  find(workspace: string, now: Date): Promise<Freeze | undefined>;
}

const stored = freeze.extend({ workspace: z.string() }).transform(({ workspace: _, ...rest }) => rest);
const keyOf = (scope: string): string => `freeze:${scope}`;

export const makeFreezeStore = (deps: {
  client: Pick<DynamoDBDocumentClient, 'send'>;
  leasesTable: string;
}): FreezeStore => {
  const TableName = deps.leasesTable;
  return {
    set: async (item) => {
      await deps.client.send(new PutCommand({ TableName, Item: { workspace: keyOf(item.scope), ...item } }));
    },
    lift: async (scope) => {
      const { Attributes } = await deps.client.send(
        new DeleteCommand({ TableName, Key: { workspace: keyOf(scope) }, ReturnValues: 'ALL_OLD' }),
      );
      return Attributes && stored.parse(Attributes);
    },
    find: async (workspace, now) => {
      for (const scope of ['all', tenantOf(workspace), workspace]) {
        const { Item } = await deps.client.send(
          new GetCommand({ TableName, Key: { workspace: keyOf(scope) }, ConsistentRead: true }),
        );
        const found = Item && stored.parse(Item);
        if (found && (found.until === null || Date.parse(found.until) > now.getTime())) return found;
      }
      return undefined;
    },
  };
};

/** @throws WorkspaceFrozenError naming who, why and until when */
export const requireUnfrozen = async (
  freezes: Pick<FreezeStore, 'find'>,
  workspace: string,
  now: Date,
): Promise<void> => {
  const found = await freezes.find(workspace, now);
  if (!found) return;
  const what = found.scope === 'all' ? 'Everything' : found.scope;
  const until = found.until === null ? 'until it is lifted' : `until ${utc(found.until)}`;
  throw new WorkspaceFrozenError(
    `${what} is frozen ${until}, by ${found.by} since ${utc(found.at)}: ${found.reason} ` +
      'Nothing was changed. Wait, or have it unfrozen, and start again.',
  );
};
