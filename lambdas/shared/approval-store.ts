import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { PutCommand, UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Vote } from '../approval-rules/people';
import { askedPlace, audienceOf, audiencesKey, endedPlace, waitingPlace } from './approval-order';
import { type FindApproval, makeFindApproval } from './approval-reader';
import type { ApprovalRecord } from './approval-record';
import { hasLanded } from './conditional-write';

type Link = ApprovalRecord['links'][number];

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
  addLink(approvalId: string, link: Link): Promise<boolean>;
  markMailed(approvalId: string, approver: string): Promise<boolean>;
  /**
   * Adds an answer and, when it settles the matter, the end: if nobody answered since `seen` answers were read, and
   * it has not expired by the time of the answer.
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
  /** `pending` → its end without a person. */
  close(approvalId: string, as: 'expired' | 'voided', at: string): Promise<boolean>;
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

  return {
    find: makeFindApproval(deps),
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
        UpdateExpression: 'SET taskToken = :token, attempt = :attempt, callbackPending = :one',
        ConditionExpression: `#status IN (:approved, :rejected) AND ${noLaterAttempt}`,
        ExpressionAttributeValues: {
          ':token': taskToken,
          ':attempt': attempt,
          ':one': '1',
          ':approved': 'approved',
          ':rejected': 'rejected',
        },
      }),
    addLink: (approvalId, link) =>
      update(approvalId, {
        UpdateExpression: 'SET links = list_append(links, :links)',
        ConditionExpression: '#status = :pending',
        ExpressionAttributeValues: { ':links': [link], ':pending': 'pending' },
      }),
    markMailed: (approvalId, approver) =>
      update(approvalId, {
        UpdateExpression: 'SET mailedTo = list_append(if_not_exists(mailedTo, :none), :approver)',
        ConditionExpression: 'attribute_exists(#status)',
        ExpressionAttributeValues: { ':none': [], ':approver': [approver] },
      }),
    addVote: (approvalId, vote, seen, end) =>
      update(approvalId, {
        UpdateExpression: `SET votes = list_append(votes, :votes)${
          end
            ? ', #status = :end, decidedAt = :at, callbackPending = :one, #list = :list, listAt = :listAt'
            : ''
        }`,
        ConditionExpression: '#status = :pending AND expiresAt > :at AND size(votes) = :seen',
        ...(end && { ExpressionAttributeNames: endedNames }),
        ExpressionAttributeValues: {
          ':votes': [vote],
          ':at': vote.at,
          ':seen': seen,
          ':pending': 'pending',
          ...(end && { ':end': end, ':one': '1', ...endedValues(approvalId, vote.at) }),
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
    close: (approvalId, as, at) =>
      update(approvalId, {
        UpdateExpression: 'SET #status = :as, decidedAt = :at, #list = :list, listAt = :listAt',
        ConditionExpression: '#status = :pending',
        ExpressionAttributeNames: endedNames,
        ExpressionAttributeValues: {
          ':as': as,
          ':at': at,
          ':pending': 'pending',
          ...endedValues(approvalId, at),
        },
      }),
  };
};
