import type { ApprovalRecord } from '../../../lambdas/shared/approval-record';
import { approvalId } from '../gate';
import { type Effect, honestPorts, type World } from './world';

const honest = (name: string, world: World, given: readonly unknown[]) => {
  const port = honestPorts[name];
  if (!port) throw new Error(`no port ${name}`);
  return port(world, given as never[]);
};

const withRecord = (world: World, change: (record: ApprovalRecord) => ApprovalRecord): World =>
  world.record ? { ...world, record: change(world.record) } : world;

type Given<Name extends 'addVote' | 'close' | 'replaceToken'> = Parameters<
  import('../../../lambdas/shared/approval-store').ApprovalStore[Name]
>;

const addVote =
  (how: (world: World, given: Given<'addVote'>) => Given<'addVote'>): Effect =>
  (world, given: readonly unknown[]) =>
    honest('addVote', world, how(world, given as Given<'addVote'>));

/** Ports of which each forgets one condition, so that it is seen that the model would tell. */
export const faultyPorts = {
  'an answer is added whoever answered meanwhile': {
    addVote: addVote(({ record }, [id, vote, , end]) => [id, vote, record?.votes.length ?? 0, end]),
  },
  'one approval is enough': {
    addVote: addVote((_, [id, vote, seen]) => [id, vote, seen, vote.outcome]),
  },
  'an answer is taken after the end': {
    addVote: (world, given: readonly unknown[]) => {
      const [, vote, , end] = given as Given<'addVote'>;
      const after = withRecord(world, (record) => ({
        ...record,
        votes: [...record.votes, vote],
        ...(end && { status: end, decidedAt: vote.at, callbackPending: '1' as const }),
      }));
      return { world: after, value: true };
    },
  },
  'what was decided is closed': {
    close: (world, given: readonly unknown[]) => {
      const [, as, at] = given as Given<'close'>;
      return {
        world: withRecord(world, (record) => ({ ...record, status: as, decidedAt: at })),
        value: true,
      };
    },
  },
  'every try to deliver looks like the first': {
    countTry: (world) => ({ world: withRecord(world, (record) => ({ ...record, callbackTries: 1 })) }),
  },
  'the outbox forgets a callback of another token': {
    clear: (world) => ({
      world: withRecord(world, ({ callbackPending: _, ...record }) => record),
    }),
  },
  'a new token is not sent the answer that was there before it': {
    replaceToken: (world, given: readonly unknown[]) => {
      const [, by] = given as Given<'replaceToken'>;
      return { world: withRecord(world, (record) => ({ ...record, ...by })), value: true };
    },
  },
  'a late attempt takes the token of the one after it': {
    replaceToken: (world, given: readonly unknown[]) => {
      const [, { taskToken }] = given as Given<'replaceToken'>;
      return honest('replaceToken', world, [approvalId, { taskToken, attempt: 99 }]);
    },
  },
  'the ledger loses what it is told': { append: (world) => ({ world }) },
  'nobody remembers the newest change': { newest: (world) => ({ world, value: approvalId }) },
} satisfies Readonly<Record<string, Readonly<Record<string, Effect>>>>;
