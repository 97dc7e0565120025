import fc from 'fast-check';
import type { Person } from '../../../lambdas/approval-rules/people';
import type { Rule } from '../../../lambdas/approval-rules/rule-set';
import { type Asked, canBeMet, whomToAsk } from '../../../lambdas/approval-rules/whom-to-ask';
import { aVote, demandsUnder } from '../../support/approval-fixtures';

const person = (id: string, ...groups: string[]): Person => ({ id, groups });
const alex = person('alex', 'approver');
const kim = person('kim', 'approver');
const ada = person('ada', 'admin');
const gus = person('gus', 'break-glass');

const two: Rule = {
  id: 'two',
  why: 'What is destroyed does not come back.',
  when: {},
  approvals: [{ people: 2, from: ['approver', 'admin'] }],
  escalations: [{ afterHours: 8, to: 'admin' }],
};
const asked = (over: Partial<Asked> = {}): Asked => ({
  demands: demandsUnder(two),
  starter: { id: null, verified: false },
  votes: [],
  ...over,
});
const ids = (people: readonly Person[]) => people.map(({ id }) => id);

test('asks those who can fill a quorum, and nobody who may only break the glass', () => {
  expect(ids(whomToAsk(asked(), [alex, kim, ada, gus, person('max', 'auditor')], 0))).toEqual([
    'alex',
    'kim',
  ]);
});

test('a group that the rules escalate to is asked when it is its turn', () => {
  expect(ids(whomToAsk(asked(), [alex, kim, ada], 1))).toEqual(['alex', 'kim', 'ada']);
});

test('it is asked at once where the others cannot settle it alone', () => {
  expect(ids(whomToAsk(asked(), [alex, ada], 0))).toEqual(['alex', 'ada']);
  expect(ids(whomToAsk(asked({ starter: { id: 'kim', verified: false } }), [alex, kim, ada], 0))).toEqual([
    'alex',
    'ada',
  ]);
});

test('people without a place in a quorum are told when it is escalated to them', () => {
  const rule: Rule = { ...two, escalations: [{ afterHours: 1, to: 'managers' }] };
  const boss = person('boss', 'managers');
  const gate = asked({ demands: demandsUnder(rule) });
  expect(ids(whomToAsk(gate, [alex, kim, boss], 0))).toEqual(['alex', 'kim']);
  expect(ids(whomToAsk(gate, [alex, kim, boss], 1))).toEqual(['alex', 'kim', 'boss']);
});

test('whoever answered, for whom somebody answered, or who asked for it is left alone', () => {
  const votes = [aVote({ person: 'alex', seats: [alex, kim] })];
  expect(ids(whomToAsk(asked({ votes }), [alex, kim, ada, person('lou', 'approver')], 0))).toEqual(['lou']);
  expect(whomToAsk(asked({ starter: { id: 'kim', verified: true } }), [kim], 1)).toEqual([]);
});

test('says whether the people can settle it', () => {
  expect(canBeMet(asked(), [alex, kim])).toBe(true);
  expect(canBeMet(asked(), [alex, gus])).toBe(false);
  expect(canBeMet(asked({ starter: { id: 'alex', verified: false } }), [alex, kim])).toBe(false);
  expect(canBeMet(asked({ votes: [aVote()] }), [kim])).toBe(true);
});

test('if people can settle it, those who are asked first can', () => {
  const groups = ['approver', 'admin', 'managers', 'break-glass'] as const;
  const people = fc
    .array(fc.subarray([...groups]), { maxLength: 6 })
    .map((all) => all.map((own, index) => person(`p${index}`, ...own)));
  const rules = fc.record({
    people: fc.integer({ min: 1, max: 3 }),
    from: fc.subarray(['approver', 'admin'], { minLength: 1 }),
    to: fc.array(fc.constantFrom(...groups), { minLength: 1, maxLength: 3 }),
  });
  fc.assert(
    fc.property(
      people,
      rules,
      fc.integer({ min: 0, max: 3 }),
      (everybody, { people: count, from, to }, escalated) => {
        const gate = asked({
          demands: demandsUnder({
            ...two,
            approvals: [{ people: count, from }],
            escalations: to.map((group, index) => ({ afterHours: index + 1, to: group })),
          }),
        });
        const first = whomToAsk(gate, everybody, escalated);
        expect(canBeMet(gate, first)).toBe(canBeMet(gate, everybody));
        const reached = everybody.filter(({ groups: own }) =>
          to.slice(0, escalated).some((group) => own.includes(group)),
        );
        expect(ids(first)).toEqual(expect.arrayContaining(ids(reached)));
      },
    ),
    { numRuns: 1000 },
  );
});
