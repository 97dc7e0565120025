import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { PutCommand, QueryCommand, UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Vote } from '../approval-rules/people';
import { askedPlace, audienceOf, audiencesKey, endedPlace, waitingPlace } from './approval-order';
import { type FindApproval, makeFindApproval } from './approval-reader';
import type { ApprovalRecord } from './approval-record';
import { hasLanded } from './conditional-write';
import { TransientError } from './errors';

type Link = ApprovalRecord['links'][number];

/** Links of one person that stay good: reminders bring new ones, and a record has no room for all of them. */
const linksEach = 3;
/** Each attempt that fails means that somebody else got a link. */
const mostAttempts = 40;

/** Whoever does what is due has this long; then the next one does what is left. */
export const claimMs = 2 * 60_000;

/** What is left of an approval when all that was due is done. */
export type Tended = Required<Pick<ApprovalRecord, 'dueAt' | 'escalated' | 'reminded' | 'glassTold'>> & {
  readonly unreachable: string[];
};

/** Approvals as the steps of the gate write them. Each write is conditional; `false`: its condition did not hold. */
export interface ApprovalStore {
  find: FindApproval;
  create(record: ApprovalRecord): Promise<boolean>;
  /**
   * A retried task waits with another token. If the answer is already there, it is sent again with this one. An attempt
   * that is late takes nothing from the one after it.
   */
  replaceToken(
    approvalId: string,
    by: Pick<ApprovalRecord, 'taskToken'> & { attempt: number },
  ): Promise<boolean>;
  /** A person's newest links stay good. */
  addLink(approvalId: string, link: Link): Promise<boolean>;
  markMailed(approvalId: string, approver: string): Promise<boolean>;
  /**
   * Adds an answer and, when it settles the matter, the end: if nobody answered since `seen` answers were read, and
   * it has not expired by the time of the answer. An end is due to be looked at, and so is one that breaks the glass.
   */
  addVote(approvalId: string, vote: Vote, seen: number, end: Vote['outcome'] | undefined): Promise<boolean>;
  /**
   * Notes who started the run, unless more is known already. `askRefusal`: they may not, so that a pending approval is
   * void, of which its run is told.
   */
  setStarter(
    approval: Pick<ApprovalRecord, 'approvalId' | 'createdAt'>,
    known: Pick<ApprovalRecord, 'starter' | 'askRefusal'>,
    at: string,
  ): Promise<boolean>;
  /** `pending` → its end without a person. `resume`: the run still waits, and is to be told. */
  close(
    approvalId: string,
    as: 'expired' | 'voided',
    at: string,
    options?: { resume: boolean },
  ): Promise<boolean>;
  /** What is due by then, oldest first: approvals, and mailboxes with mail that waits. */
  listDue(now: Date, limit: number): Promise<string[]>;
  /** Takes one that was due at `seen`: until then nobody else does. */
  claim(id: string, seen: string, until: Date): Promise<boolean>;
  /** Writes down what was done, unless something became due meanwhile. */
  settle(approvalId: string, claimed: string, tended: Tended): Promise<boolean>;
  /** Takes an approval off the list on which nothing is left to do. */
  release(approvalId: string, claimed: string): Promise<boolean>;
}

const noLaterAttempt = '(attribute_not_exists(attempt) OR attempt <= :attempt)';

const endedNames = { '#status': 'status', '#list': 'list' };
const endedValues = (approvalId: string, at: string) => {
  const { list, listAt } = endedPlace(approvalId, at);
  return { ':list': list, ':listAt': listAt };
};

export const makeApprovalStore = (deps: {
  client: Pick<DynamoDBDocumentClient, 'send'>;
  table: string;
}): ApprovalStore => {
  const update = (
    approvalId: string,
    input: Omit<UpdateCommandInput, 'TableName' | 'Key'>,
  ): Promise<boolean> =>
    hasLanded(
      deps.client.send(
        new UpdateCommand({
          TableName: deps.table,
          Key: { approvalId },
          ExpressionAttributeNames: { '#status': 'status' },
          ...input,
        }),
      ),
    );

  const find = makeFindApproval(deps);
  return {
    find,
    create: async (record) => {
      // First the name of its list, then what stands in it: who reads the names misses nothing.
      await deps.client.send(
        new UpdateCommand({
          TableName: deps.table,
          Key: audiencesKey,
          UpdateExpression: 'ADD #names :name',
          ExpressionAttributeNames: { '#names': 'names' },
          ExpressionAttributeValues: { ':name': new Set([audienceOf(record)]) },
        }),
      );
      return hasLanded(
        deps.client.send(
          new PutCommand({
            TableName: deps.table,
            Item: { ...record, ...waitingPlace(record), ...askedPlace(record) },
            ConditionExpression: 'attribute_not_exists(approvalId)',
          }),
        ),
      );
    },
    replaceToken: async (approvalId, { taskToken, attempt }) =>
      (await update(approvalId, {
        UpdateExpression: 'SET taskToken = :token, attempt = :attempt',
        ConditionExpression: `#status = :pending AND ${noLaterAttempt}`,
        ExpressionAttributeValues: { ':token': taskToken, ':attempt': attempt, ':pending': 'pending' },
      })) ||
      update(approvalId, {
        UpdateExpression:
          'SET taskToken = :token, attempt = :attempt, callbackPending = :one REMOVE callbackTries',
        ConditionExpression: `#status IN (:approved, :rejected, :expired) AND ${noLaterAttempt}`,
        ExpressionAttributeValues: {
          ':token': taskToken,
          ':attempt': attempt,
          ':one': '1',
          ':approved': 'approved',
          ':rejected': 'rejected',
          ':expired': 'expired',
        },
      }),
    addLink: async (approvalId, link) => {
      for (let attempt = 0; attempt < mostAttempts; attempt++) {
        const approval = await find(approvalId);
        if (approval?.status !== 'pending') return false;
        const own = approval.links.filter(({ approver }) => approver === link.approver);
        const gone = new Set(own.slice(0, Math.max(0, own.length + 1 - linksEach)));
        const landed = await update(approvalId, {
          UpdateExpression: 'SET links = :links',
          ConditionExpression: '#status = :pending AND links = :seen',
          ExpressionAttributeValues: {
            ':links': [...approval.links.filter((one) => !gone.has(one)), link],
            ':seen': approval.links,
            ':pending': 'pending',
          },
        });
        if (landed) return true;
      }
      throw new TransientError(`Approval ${approvalId} is too busy to add a link. Try again.`);
    },
    markMailed: (approvalId, approver) =>
      update(approvalId, {
        UpdateExpression: 'SET mailedTo = list_append(if_not_exists(mailedTo, :none), :approver)',
        ConditionExpression: 'attribute_exists(#status)',
        ExpressionAttributeValues: { ':none': [], ':approver': [approver] },
      }),
    addVote: (approvalId, vote, seen, end) =>
      update(approvalId, {
        UpdateExpression: [
          'SET votes = list_append(votes, :votes)',
          ...(end
            ? ['#status = :end, decidedAt = :at, callbackPending = :one, #list = :list, listAt = :listAt']
            : []),
          ...(end || vote.breaksGlass ? ['tending = :one, dueAt = :at'] : []),
        ].join(', '),
        ConditionExpression: '#status = :pending AND expiresAt > :at AND size(votes) = :seen',
        ...(end && { ExpressionAttributeNames: endedNames }),
        ExpressionAttributeValues: {
          ':votes': [vote],
          ':at': vote.at,
          ':seen': seen,
          ':pending': 'pending',
          ...(end && { ':end': end, ...endedValues(approvalId, vote.at) }),
          ...((end || vote.breaksGlass) && { ':one': '1' }),
        },
      }),
    setStarter: async ({ approvalId, createdAt }, { starter, askRefusal }, at) => {
      const { askedBy, askedAt } = askedPlace({ approvalId, createdAt, starter });
      const set = `SET starter = :starter, askedBy = :askedBy, askedAt = :askedAt${
        askRefusal === undefined ? '' : ', askRefusal = :refusal'
      }`;
      const isNews = '(starter.verified = :false OR size(starter.alsoAsked) < :asked)';
      const values = {
        ':starter': starter,
        ':askedBy': askedBy,
        ':askedAt': askedAt,
        ':false': false,
        ':asked': starter.alsoAsked?.length ?? 0,
        ...(askRefusal !== undefined && { ':refusal': askRefusal }),
      };
      const isVoid =
        askRefusal !== undefined &&
        (await update(approvalId, {
          UpdateExpression: `${set}, #status = :voided, decidedAt = :at, callbackPending = :one, #list = :list, listAt = :listAt`,
          ConditionExpression: `#status = :pending AND ${isNews}`,
          ExpressionAttributeNames: endedNames,
          ExpressionAttributeValues: {
            ...values,
            ':pending': 'pending',
            ':voided': 'voided',
            ':at': at,
            ':one': '1',
            ...endedValues(approvalId, at),
          },
        }));
      return (
        isVoid ||
        update(approvalId, {
          UpdateExpression: set,
          ConditionExpression: isNews,
          ExpressionAttributeNames: undefined,
          ExpressionAttributeValues: values,
        })
      );
    },
    close: (approvalId, as, at, { resume } = { resume: false }) =>
      update(approvalId, {
        UpdateExpression: `SET #status = :as, decidedAt = :at, #list = :list, listAt = :listAt, tending = :one, dueAt = :at${
          resume ? ', callbackPending = :one' : ''
        }`,
        ConditionExpression: '#status = :pending',
        ExpressionAttributeNames: endedNames,
        ExpressionAttributeValues: {
          ':as': as,
          ':at': at,
          ':pending': 'pending',
          ':one': '1',
          ...endedValues(approvalId, at),
        },
      }),
    listDue: async (now, limit) => {
      const { Items } = await deps.client.send(
        new QueryCommand({
          TableName: deps.table,
          IndexName: 'by-due',
          KeyConditionExpression: 'tending = :one AND dueAt <= :now',
          ExpressionAttributeValues: { ':one': '1', ':now': now.toISOString() },
          Limit: limit,
        }),
      );
      return (Items ?? []).map((item) => String(item.approvalId));
    },
    claim: (id, seen, until) =>
      update(id, {
        UpdateExpression: 'SET dueAt = :until',
        ConditionExpression: 'dueAt = :seen AND attribute_exists(tending)',
        ExpressionAttributeNames: undefined,
        ExpressionAttributeValues: { ':until': until.toISOString(), ':seen': seen },
      }),
    settle: (approvalId, claimed, { dueAt, escalated, reminded, glassTold, unreachable }) =>
      update(approvalId, {
        UpdateExpression:
          'SET dueAt = :due, escalated = :escalated, reminded = :reminded, glassTold = :told, unreachable = :unreachable',
        ConditionExpression: '#status = :pending AND dueAt = :claimed',
        ExpressionAttributeValues: {
          ':due': dueAt,
          ':escalated': escalated,
          ':reminded': reminded,
          ':told': glassTold,
          ':unreachable': unreachable,
          ':pending': 'pending',
          ':claimed': claimed,
        },
      }),
    release: (approvalId, claimed) =>
      update(approvalId, {
        UpdateExpression: 'REMOVE tending, dueAt',
        ConditionExpression: '#status <> :pending AND dueAt = :claimed',
        ExpressionAttributeValues: { ':pending': 'pending', ':claimed': claimed },
      }),
  };
};
