import { tally } from '../../../lambdas/approval-rules/tally';
import type { Decision } from '../../../lambdas/shared/contract';
import { approvalId } from '../gate';
import type { Model } from './explore';
import { runAlone } from './explore';
import type { World } from './world';

const isEnded = ({ record }: World): boolean => record !== null && record.status !== 'pending';

const said = (text: string, holds: boolean): string[] => (holds ? [] : [text]);

/** What must hold after every step, whoever took it. */
export const wrong = (before: World, after: World): string[] => {
  const { record } = after;
  const told = after.told.map((text): Decision => JSON.parse(text));
  const isApproved =
    record?.status === 'approved' && tally(record.demands, record.votes).outcome === 'approved';
  const kept = isEnded(before)
    ? [before.record?.status, before.record?.decidedAt, before.record?.votes]
    : undefined;
  return [
    ...after.damage,
    ...said(
      'what had ended changed',
      !kept || JSON.stringify(kept) === JSON.stringify([record?.status, record?.decidedAt, record?.votes]),
    ),
    ...said(
      'an answer was lost',
      (before.record?.votes ?? []).every((vote, at) => record?.votes[at]?.person === vote.person),
    ),
    ...said(
      'somebody answered twice',
      new Set(record?.votes.map(({ person }) => person)).size === (record?.votes.length ?? 0),
    ),
    ...said(
      'somebody was told that their answer is recorded, and it is not',
      after.promised.every((answer) =>
        record?.votes.some(({ person, outcome }) => `${person}:${outcome}` === answer),
      ),
    ),
    ...said('the run was told two outcomes', new Set(after.told).size <= 1),
    ...said(
      'the run was told that it is approved, and the answers do not approve it',
      isApproved || told.every(({ outcome }) => outcome !== 'approved'),
    ),
    ...said(
      'the ledger calls undeliverable what the run was told',
      after.task.state !== 'answered' ||
        after.attempt !== 1 ||
        !Object.keys(after.ledger).some((id) => id.startsWith('callback.undeliverable:')),
    ),
    ...said('a change was let through that is not approved', !after.authorized || isApproved),
  ];
};

/** What must hold once everything that had begun is dead and each sweep has run: nothing waits, nothing is missing. */
export const makeWrongAfterRepair =
  (model: Pick<Model, 'ports' | 'actors'>) =>
  async (broken: World): Promise<string[]> => {
    if (!broken.record) return [];
    let world = broken;
    for (const sweep of ['asks until asked', 'reconciles', 'closes again', 'sweeps', 'sweeps'])
      world = await runAlone(model, world, sweep);
    const { record, ledger, task, told, isStopped } = world;
    if (!record) return ['the approval is gone'];
    const ends = Object.keys(ledger).filter((id) => /^(decision|approval\.closed):/.test(id));
    const byPeople = record.status === 'approved' || record.status === 'rejected';
    const unrecorded = record.votes.filter((_, index) => !(`answer:${approvalId}:${index + 1}` in ledger));
    return [
      ...wrong(broken, world),
      ...said(
        'the answers settle it, and it is still pending',
        isEnded(world) || tally(record.demands, record.votes).outcome === 'pending',
      ),
      ...said('a callback is still outstanding', record.callbackPending === undefined),
      ...said(
        'the run still waits for an answer that was given',
        !isEnded(world) || task.state !== 'waiting',
      ),
      ...said('the run ended, and its approval can still be given', task.state !== 'gone' || isEnded(world)),
      ...said(
        'the run timed out, and nobody told it what stands',
        task.state !== 'gone' || isStopped || told.length > 0,
      ),
      ...said(
        `the ledger has ${ends.length} ends of an approval that is ${record.status}`,
        ends.length === (isEnded(world) ? 1 : 0),
      ),
      ...said(
        'the ledger tells another end than the approval has',
        !isEnded(world) || ends[0]?.startsWith('decision:') === byPeople,
      ),
      ...said('an answer is not in the ledger', !isEnded(world) || unrecorded.length === 0),
    ];
  };
