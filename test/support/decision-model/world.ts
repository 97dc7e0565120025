import type { Person } from '../../../lambdas/approval-rules/people';
import type { ApprovalRecord } from '../../../lambdas/shared/approval-record';
import { canonicalJson, sha256Hex } from '../../../lambdas/shared/digest';
import type { LedgerEvent } from '../../../lambdas/shared/ledger-event';
import { demandsUnder } from '../approval-fixtures';
import { aPending, approvalId, inMemoryApprovals, startedAt } from '../gate';

/** Everything that outlives a function: tables, the run, the clock. Never changed in place. */
export interface World {
  readonly record: ApprovalRecord | null;
  /** The content of each event by its id: what is appended twice must be the same twice. */
  readonly ledger: Readonly<Record<string, string>>;
  /** The task that waits with a token; a retried one waits with another. */
  readonly task: { readonly token: string; readonly state: 'waiting' | 'answered' | 'gone' };
  /** How many attempts the task has made. */
  readonly attempt: number;
  /** The attempt of the task that came to its end: another attempt follows one that did not. */
  readonly asked: string;
  /** What the run was told, by the callback or by the closing step. */
  readonly told: readonly string[];
  readonly run: 'running' | 'stopping' | 'ended';
  readonly isStopped: boolean;
  readonly isLate: boolean;
  readonly isReplanned: boolean;
  /** What people were told was recorded, e.g. `alex:approved`. */
  readonly promised: readonly string[];
  /** Nudges to send-callback that have not come to anything yet. */
  readonly nudges: number;
  /** Whether a worker let the change be carried out. */
  readonly authorized: boolean;
  /** Whether a newer change was bound before the worker asked. */
  readonly askedTooLate: boolean;
  /** What damage a step did, as sentences. */
  readonly damage: readonly string[];
}

export const alex: Person = { id: 'alex', groups: ['approver'] };
export const kim: Person = { id: 'kim', groups: ['approver'] };
const people = [alex, kim];
export const keyOf = (id: string): string => sha256Hex(`key of ${id}`).slice(0, 43);
const linkOf = (id: string) => ({ approver: id, nonceHash: sha256Hex(keyOf(id)) });

const late = new Date('2026-11-23T09:00:00.000Z');
export const timeIn = ({ isLate }: World): string => (isLate ? late : startedAt).toISOString();

/** An approval that two people are asked for, of whom so many must approve. */
export const askedFor = (approvals: 1 | 2): ApprovalRecord =>
  aPending({
    taskToken: 'token-1',
    links: people.map(({ id }) => linkOf(id)),
    mailedTo: people.map(({ id }) => id),
    demands: demandsUnder(
      ...(approvals === 1
        ? []
        : [
            {
              id: 'two',
              why: 'Two people look at it.',
              when: {},
              approvals: [{ people: 2, from: ['approver'] }],
            },
          ]),
    ),
  });

export const worldWith = (record: ApprovalRecord | null): World => ({
  record,
  ledger: {},
  task: { token: 'token-1', state: 'waiting' },
  attempt: record ? 1 : 0,
  asked: record ? 'token-1' : '',
  told: [],
  run: 'running',
  isStopped: false,
  isLate: false,
  isReplanned: false,
  promised: [],
  nudges: 0,
  authorized: false,
  askedTooLate: false,
  damage: [],
});

export type Approvals = ReturnType<typeof inMemoryApprovals>;
/** One call on a world: the world afterwards, and the answer. */
export type Effect = (
  world: World,
  given: readonly never[],
) => Promise<{ world: World; value?: unknown }> | { world: World; value?: unknown };

/** The table's own writes, so that the model and the other tests rest on the same conditions. */
const onTable =
  (name: keyof Omit<Approvals, 'records'>): Effect =>
  async (world, given) => {
    const table = inMemoryApprovals(...(world.record ? [world.record] : []));
    const value = await (table[name] as (...all: unknown[]) => Promise<unknown>)(...given);
    return { world: { ...world, record: table.records.get(approvalId) ?? null }, value };
  };

const append: Effect = (world, [event]: readonly LedgerEvent[]) => {
  if (!event) throw new Error('nothing to append');
  const content = canonicalJson({ ...event });
  const id = [event.id].flat().join(':');
  const known = world.ledger[id];
  if (known !== undefined && known !== content)
    return { world: { ...world, damage: [...world.damage, `the ledger was told ${id} in two ways`] } };
  return { world: { ...world, ledger: { ...world.ledger, [id]: content } } };
};

export const telling = (world: World, decision: unknown): World => ({
  ...world,
  told: [...world.told, canonicalJson(decision as never)],
});

/** Step Functions takes one answer of the task that waits, and none of another. */
const resume: Effect = (world, [token, output]: readonly unknown[]) => {
  if (world.task.token !== token || world.task.state !== 'waiting')
    throw Object.assign(new Error('nothing waits with it'), { name: 'TaskTimedOut' });
  return { world: telling({ ...world, task: { ...world.task, state: 'answered' } }, output) };
};

/** What every port does, by its name. */
export const honestPorts: Readonly<Record<string, Effect>> = {
  find: onTable('find'),
  create: onTable('create'),
  replaceToken: onTable('replaceToken'),
  // A link's secret is random: the model gives each person the one that it knows.
  addLink: (world, given: readonly unknown[]) => {
    const [id, link] = given as Parameters<Approvals['addLink']>;
    return onTable('addLink')(world, [id, linkOf(link.approver)] as unknown as never[]);
  },
  markMailed: onTable('markMailed'),
  addVote: onTable('addVote'),
  close: onTable('close'),
  claim: onTable('claim'),
  settle: onTable('settle'),
  release: onTable('release'),
  pending: onTable('pending'),
  get: onTable('get'),
  countTry: onTable('countTry'),
  clear: onTable('clear'),
  append,
  resume,
  wake: (world) => ({ world: { ...world, nudges: world.nudges + 1 } }),
  run: (world) => ({ world, value: world.run }),
  markStopping: (world) => ({ world: { ...world, run: world.run === 'running' ? 'stopping' : world.run } }),
  endRun: (world) => ({ world: { ...world, run: 'ended' } }),
  newest: (world) => ({ world, value: world.isReplanned ? 'another-change' : approvalId }),
};
