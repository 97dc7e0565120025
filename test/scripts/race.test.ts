import { judgeRound, type RaceRound } from '../../scripts/race/judge-round';
import { aVote } from '../support/approval-fixtures';

const decidedAt = '2026-01-01T00:10:00.000Z';
const ended = `<strong data-decision="approved">Approved</strong> <time datetime="${decidedAt}">`;
const good: RaceRound = {
  people: 1,
  answers: [
    { person: 'alex', decision: 'approve', status: 303, page: '' },
    { person: 'alex', decision: 'approve', status: 303, page: '' },
    { person: 'alex', decision: 'reject', status: 409, page: ended },
    { person: 'sam', decision: 'reject', status: 409, page: ended },
  ],
  record: { status: 'approved', decidedAt, votes: [aVote()] },
  ledger: [
    { type: 'answer.given', actor: 'alex' },
    { type: 'decision.made', actor: 'alex' },
  ],
  told: { times: 1, outcome: 'approved' },
};
const [first, ...others] = good.answers;
if (!first) throw new Error('no answer');

test('a race with one outcome that everybody was told is right', () => expect(judgeRound(good)).toEqual([]));

test.each<[string, Partial<RaceRound>, string]>([
  ['no outcome', { record: { ...good.record, status: 'pending' } }, 'it has no outcome'],
  [
    'an answer that was lost',
    { answers: [...good.answers, { person: 'sam', decision: 'approve', status: 303, page: '' }] },
    'sam, who wanted to approve, was told that it is recorded, and it is not',
  ],
  [
    'a loser who was told another outcome',
    {
      answers: [first, { person: 'sam', decision: 'reject', status: 409, page: 'data-decision="rejected"' }],
    },
    `sam, who wanted to reject, came too late, and was not told that it was approved at ${decidedAt}`,
  ],
  [
    'an error',
    { answers: [{ ...first, status: 500 }, ...good.answers] },
    'alex, who wanted to approve, got 500',
  ],
  ['nobody who won', { answers: others.slice(1) }, 'nobody was told that their answer is recorded'],
  [
    'two who approved where one was asked for',
    {
      record: { ...good.record, votes: [aVote(), aVote({ person: 'sam' })] },
    },
    'the answers do not come to its outcome',
  ],
  ['two decisions in the ledger', { ledger: [...good.ledger, ...good.ledger] }, 'the ledger has 2 decisions'],
  [
    'an answer that the ledger lacks',
    { ledger: [{ type: 'decision.made', actor: 'alex' }] },
    'the ledger has other answers than the approval',
  ],
  ['a run that was told twice', { told: { times: 2, outcome: 'approved' } }, 'the run was told 2 times'],
  [
    'a run that was told otherwise',
    { told: { times: 1, outcome: 'rejected' } },
    'the run was told rejected, and it is approved',
  ],
])('finds %s', (_, over, wrong) => {
  expect(judgeRound({ ...good, ...over })).toContain(wrong);
});
