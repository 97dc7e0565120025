import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { ownerOf } from '../approval-mail/mailbox';
import { type ApprovalView, approvalView } from '../shared/approval-reader';
import { delegationRecord, lasts } from '../shared/delegation-store';
import { readAttributes } from './env';
import { removeItem, type Source, type SourceDeps } from './source';
import { erasedText, isThem, unnamed, type Who } from './who';

const concerns = (who: Who, approval: ApprovalView): boolean =>
  [
    approval.starter.id,
    ...(approval.starter.alsoAsked ?? []),
    ...approval.links.map(({ approver }) => approver),
    ...(approval.mailedTo ?? []),
    ...(approval.unreachable ?? []),
    ...approval.votes.flatMap(({ person, seats }) => [person, ...seats.map(({ id }) => id)]),
  ].some((name) => isThem(who, name));

/** What stays of an approval: that somebody asked, approved or rejected, under the reference of the ledger. */
export const withoutPerson = (who: Who, approval: ApprovalView) => ({
  links: approval.links.filter(({ approver }) => !isThem(who, approver)),
  mailedTo: (approval.mailedTo ?? []).map((id) => unnamed(who, id)),
  unreachable: (approval.unreachable ?? []).map((id) => unnamed(who, id)),
  starter: {
    ...approval.starter,
    id: unnamed(who, approval.starter.id),
    ...(approval.starter.alsoAsked && {
      alsoAsked: approval.starter.alsoAsked.map((id) => unnamed(who, id)),
    }),
  },
  votes: approval.votes.map((vote) => ({
    ...vote,
    person: unnamed(who, vote.person),
    comment: isThem(who, vote.person) ? null : vote.comment,
    seats: vote.seats.map((seat) => ({ ...seat, id: unnamed(who, seat.id) })),
  })),
});

/** What of it is theirs: nobody else's answer. */
const relevant = (who: Who, { runId, workspace, status, createdAt, ...approval }: ApprovalView) => ({
  runId,
  workspace,
  status,
  createdAt,
  asked: isThem(who, approval.starter.id) || (approval.starter.alsoAsked ?? []).some((id) => isThem(who, id)),
  links: approval.links.filter(({ approver }) => isThem(who, approver)).length,
  mailed: (approval.mailedTo ?? []).some((id) => isThem(who, id)),
  answers: approval.votes.filter(({ person }) => isThem(who, person)),
  answeredFor: approval.votes.some(
    ({ person, seats }) => !isThem(who, person) && seats.some(({ id }) => isThem(who, id)),
  ),
});

/** Whoever is still to be told of it is told by name. */
const hindranceOf = (approval: ApprovalView): string | undefined => {
  const { approvalId, workspace, runId, status, tending, callbackPending } = approval;
  if (status === 'pending')
    return `Approval ${approvalId} of ${workspace} waits for an answer and names them: have it decided, or stop run ${runId}.`;
  return tending === undefined && callbackPending === undefined
    ? undefined
    : `Approval ${approvalId} of ${workspace} has just ended, and not everybody was told: try again in some minutes.`;
};

/** Approvals, without the token that resumes their runs; mailboxes and delegations lie among them. */
export const approvalsSource = ({ client, table, now }: SourceDeps): Source => {
  const rewrite = async (who: Who, approval: ApprovalView): Promise<void> => {
    const { links, mailedTo, unreachable, starter, votes } = withoutPerson(who, approval);
    const isStarter = isThem(who, approval.starter.id);
    await client.send(
      new UpdateCommand({
        TableName: table,
        Key: { approvalId: approval.approvalId },
        UpdateExpression: `SET links = :links, mailedTo = :mailed, unreachable = :unreachable, starter = :starter, votes = :votes${
          isStarter ? ', askedBy = :asker' : ''
        }${isStarter && approval.askRefusal !== undefined ? ', askRefusal = :refusal' : ''}`,
        ConditionExpression: '#status = :status',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: {
          ':links': links,
          ':mailed': mailedTo,
          ':unreachable': unreachable,
          ':starter': starter,
          ':votes': votes,
          ':status': approval.status,
          ...(isStarter && { ':asker': who.reference }),
          ...(isStarter && approval.askRefusal !== undefined && { ':refusal': erasedText }),
        },
      }),
    );
  };

  const delegations = (item: Record<string, unknown>, who: Who) => {
    const mine = Object.values(item.byPerson ?? {})
      .map((one) => delegationRecord.parse(one))
      .filter(({ from, to }) => isThem(who, from) || isThem(who, to));
    return mine.map((delegation) => ({
      key: 'delegations#',
      data: delegation,
      hindrance: lasts(delegation, now())
        ? `${delegation.to} answers for ${delegation.from} until ${delegation.until}: end that first.`
        : undefined,
      erase: async () => {
        await client.send(
          new UpdateCommand({
            TableName: table,
            Key: { approvalId: 'delegations#' },
            UpdateExpression: 'REMOVE byPerson.#from',
            ExpressionAttributeNames: { '#from': delegation.from },
          }),
        );
      },
    }));
  };

  return {
    name: 'approvals',
    table,
    projection: {
      ProjectionExpression: readAttributes.map((name) => `#${name}`).join(', '),
      ExpressionAttributeNames: Object.fromEntries(readAttributes.map((name) => [`#${name}`, name])),
    },
    find: (item, who) => {
      const id = String(item.approvalId);
      if (id === 'delegations#') return delegations(item, who);
      const owner = ownerOf(id);
      if (owner !== undefined)
        return isThem(who, owner)
          ? [{ key: id, data: item, erase: () => removeItem(client, table, { approvalId: id }) }]
          : [];
      if (id.includes('#')) return [];
      const approval = approvalView.parse(item);
      if (!concerns(who, approval)) return [];
      return [
        {
          key: id,
          data: relevant(who, approval),
          hindrance: hindranceOf(approval),
          erase: () => rewrite(who, approval),
        },
      ];
    },
  };
};
