import fc from 'fast-check';
import { isOpen, nextOpening } from '../../../lambdas/approval-rules/change-window';
import { type ChangeFacts, demandsOf } from '../../../lambdas/approval-rules/demands';
import type { Person, Starter, Vote } from '../../../lambdas/approval-rules/people';
import { refuseToAsk, refuseToDecide } from '../../../lambdas/approval-rules/permission';
import { type Rule, ruleSet } from '../../../lambdas/approval-rules/rule-set';
import { standingOf, tally } from '../../../lambdas/approval-rules/tally';
import shipped from '../../../policies/approval/rules.json';
import { aVote } from '../../support/approval-fixtures';

const facts: ChangeFacts = {
  workspace: 'demo/web-01',
  environment: 'poc',
  workflow: 'vm-provisioning',
  dangers: ['create'],
  stricterGate: false,
  addedCost: 12,
};
const base: Rule = {
  id: 'base',
  why: 'Every change is seen by somebody.',
  when: {},
  mayAsk: ['operator'],
  approvals: [{ people: 1, from: ['approver'] }],
};
const rulesOf = (...rules: Rule[]) => ruleSet.parse({ version: 1, rules: [base, ...rules] });
const person = (id: string, ...groups: string[]): Person => ({ id, groups });
const vote = (voter: Person, outcome: Vote['outcome'] = 'approved', seats: Person[] = []): Vote =>
  aVote({ person: voter.id, outcome, seats: [voter, ...seats] });
const starter: Starter = { id: 'olga', verified: true };
const situation = (...rules: Rule[]) => ({
  demands: demandsOf(rulesOf(...rules), facts),
  starter,
  delegations: [],
  votes: [],
  now: new Date('2026-03-02T10:00:00Z'),
});

describe('the file of rules', () => {
  test('the shipped one is valid', () => expect(ruleSet.parse(shipped).rules.length).toBeGreaterThan(3));

  test.each<[string, unknown, RegExp]>([
    ['an unknown condition', { ...base, id: 'x', when: { workspace: 'a/b' } }, /Unrecognized key/],
    [
      'a pattern that is no workspace',
      { ...base, id: 'x', when: { workspaces: ['.*'] } },
      /<tenant>\/<name>/,
    ],
    ['an id twice', base, /base stands here twice/],
    ['nobody to approve', { ...base, id: 'x', approvals: [] }, /Too small/],
    [
      'a window over midnight',
      { ...base, id: 'x', windows: [{ days: ['mon'], from: '22:00', to: '04:00', timeZone: 'UTC' }] },
      /two windows/,
    ],
    [
      'a time zone that is none',
      { ...base, id: 'x', windows: [{ days: ['mon'], from: '08:00', to: '09:00', timeZone: 'Mars' }] },
      /time zone/,
    ],
  ])('refuses %s', (_, rule, message) => {
    const parsed = ruleSet.safeParse({ version: 1, rules: [base, rule] });
    expect(parsed.error?.message).toMatch(message);
  });

  test('refuses rules of which none fits every change', () => {
    const parsed = ruleSet.safeParse({ version: 1, rules: [{ ...base, when: { environments: ['prod'] } }] });
    expect(parsed.error?.message).toMatch('one rule must fit every change');
  });

  test('refuses a glass that one person breaks alone', () => {
    const alone = { people: 1, from: ['break-glass'], reasonAtLeast: 20 };
    expect(ruleSet.safeParse({ version: 1, rules: [base], breakGlass: alone }).success).toBe(false);
  });
});

describe('which rules bind a change', () => {
  const strict = (when: Rule['when']): Rule => ({
    ...base,
    id: 'strict',
    when,
    approvals: [{ people: 2, from: ['lead'] }],
  });
  test.each<[string, Rule['when'], Partial<ChangeFacts>, boolean]>([
    ['its workspace', { workspaces: ['demo/*'] }, {}, true],
    ['another tenant', { workspaces: ['other/*'] }, {}, false],
    ['a name that only begins the same', { workspaces: ['demo/web'] }, {}, false],
    ['a star never reaches over the slash', { workspaces: ['d*1'.replace('*', '*/*')] }, {}, true],
    ['its environment', { environments: ['poc'] }, {}, true],
    ['one danger of several', { dangers: ['destroy', 'create'] }, {}, true],
    ['a danger that it has not', { dangers: ['destroy'] }, {}, false],
    ['all that is said', { environments: ['poc'], workflows: ['decommission'] }, {}, false],
    ['a cost above', { addedCostAbove: 10 }, {}, true],
    ['a cost that is not above', { addedCostAbove: 12 }, {}, false],
    ['a cost that nobody knows', { addedCostAbove: 10_000 }, { addedCost: null }, true],
    ['a policy that objects', { stricterGate: true }, { stricterGate: true }, true],
  ])('%s', (_, when, about, binds) => {
    const { approvals } = demandsOf(rulesOf(strict(when)), { ...facts, ...about });
    expect(approvals.map(({ rule }) => rule)).toEqual(binds ? ['base', 'strict'] : ['base']);
  });
});

describe('answers', () => {
  const ann = person('ann', 'approver');
  const bob = person('bob', 'approver', 'lead');
  const cleo = person('cleo', 'lead');
  const both: Rule = {
    id: 'both',
    why: 'One of each is needed here.',
    when: {},
    approvals: [
      { people: 1, from: ['approver', 'lead'] },
      { people: 1, from: ['lead'] },
    ],
  };
  const demands = demandsOf(rulesOf(both), facts);

  test('who fits two places is moved to where they are needed', () => {
    expect(tally(demands, [vote(bob), vote(ann)]).outcome).toBe('approved');
    expect(tally(demands, [vote(ann), vote(bob)]).outcome).toBe('approved');
  });
  test('one person never fills two places of a rule', () => {
    expect(tally(demands, [vote(bob)])).toMatchObject({
      outcome: 'pending',
      missing: [{ rule: 'both', people: 1 }],
    });
  });
  test('what is missing names the groups that help', () => {
    expect(tally(demands, [vote(cleo)]).missing).toEqual([
      { rule: 'base', why: base.why, people: 1, from: ['approver'] },
      { rule: 'both', why: both.why, people: 1, from: ['approver', 'lead'] },
    ]);
  });
  test('one rejection ends it', () => {
    expect(tally(demands, [vote(bob), vote(ann, 'rejected')]).outcome).toBe('rejected');
  });
  test('unless a rule says two', () => {
    const two = demandsOf(rulesOf({ ...both, rejectionsToEnd: 2 }), facts);
    expect(tally(two, [vote(ann, 'rejected')]).outcome).toBe('pending');
    expect(tally(two, [vote(ann, 'rejected'), vote(cleo, 'rejected')]).outcome).toBe('rejected');
  });
  test('a delegate and who delegated are one', () => {
    const two = demandsOf(rulesOf({ ...both, approvals: [{ people: 2, from: ['approver'] }] }), facts);
    const dan = person('dan');
    expect(tally(two, [vote(ann), vote(dan, 'approved', [ann])]).outcome).toBe('pending');
    expect(tally(two, [vote(dan, 'approved', [ann]), vote(ann)]).outcome).toBe('pending');
    expect(tally(two, [vote(dan, 'approved', [ann]), vote(bob)]).outcome).toBe('approved');
  });
  test('two who break the glass need no quorum; one does not, nor a delegate', () => {
    const glass = { people: 2, from: ['oncall'], reasonAtLeast: 20 };
    const urgent = demandsOf(ruleSet.parse({ version: 1, rules: [base, both], breakGlass: glass }), facts);
    const breaking = (voter: Person, seats: Person[] = []): Vote => ({
      ...vote(voter, 'approved', seats),
      breaksGlass: true,
    });
    const [eve, finn] = [person('eve', 'oncall'), person('finn', 'oncall')];
    expect(tally(urgent, [breaking(eve)]).outcome).toBe('pending');
    expect(tally(urgent, [breaking(eve), breaking(person('gus'), [finn].slice())]).outcome).toBe('pending');
    expect(tally(urgent, [breaking(eve), breaking(finn)])).toMatchObject({
      outcome: 'approved',
      byBreakGlass: true,
    });
  });
});

describe('who may', () => {
  const ann = person('ann', 'approver');
  const approve = { outcome: 'approved' } as const;
  const nights: Rule = {
    ...base,
    id: 'nights',
    why: 'Only while people sleep.',
    windows: [{ days: ['tue'], from: '02:00', to: '04:00', timeZone: 'Europe/Berlin' }],
  };

  test('ask', () => {
    const { demands } = situation();
    expect(refuseToAsk(demands, person('olga', 'operator'))).toBeUndefined();
    expect(refuseToAsk(demands, ann)).toEqual({
      code: 'not-in-group',
      sentence: 'Only operator may ask for this: Every change is seen by somebody. (rule base)',
    });
  });
  test('decide', () => expect(refuseToDecide(situation(), ann, approve)).toBeUndefined());
  test.each<[string, object, Person, object, string, RegExp]>([
    ['nobody on their own request', {}, person('olga', 'approver'), approve, 'own-request', /stop the run/],
    [
      'nobody on their own request in other letters',
      {},
      person('Olga', 'approver'),
      approve,
      'own-request',
      /stop the run/,
    ],
    [
      'nobody outside the groups',
      {},
      person('zoe', 'operator'),
      approve,
      'not-in-group',
      /Only approver may decide/,
    ],
    ['nobody twice', { votes: [vote(ann)] }, ann, approve, 'voted', /already/],
    [
      'nobody for a starter who delegated to them',
      { delegations: [{ from: person('olga', 'approver'), to: 'zoe', until: '2026-04-01T00:00:00Z' }] },
      person('zoe'),
      approve,
      'not-in-group',
      /Only approver/,
    ],
    [
      'nobody who let another answer',
      { delegations: [{ from: ann, to: 'zoe', until: '2026-04-01T00:00:00Z' }] },
      ann,
      approve,
      'delegated',
      /zoe answer for you until 2026-04-01 00:00 UTC/,
    ],
    ['no emergency without a rule', {}, ann, { ...approve, emergency: 'fire' }, 'no-break-glass', /No rule/],
  ])('%s', (_, about, who, answer, code, sentence) => {
    const refusal = refuseToDecide({ ...situation(), ...about }, who, answer as typeof approve);
    expect(refusal).toEqual({ code, sentence: expect.stringMatching(sentence) });
  });
  test('a delegate, until the day it ends', () => {
    const delegations = [{ from: ann, to: 'zoe', until: '2026-03-02T10:00:00.001Z' }];
    const zoe = person('zoe');
    expect(refuseToDecide({ ...situation(), delegations }, zoe, approve)).toBeUndefined();
    const later = new Date('2026-03-02T10:00:00.001Z');
    expect(refuseToDecide({ ...situation(), delegations, now: later }, zoe, approve)?.code).toBe(
      'not-in-group',
    );
  });
  test('nobody before the starter is known, where a rule says so', () => {
    const strict = situation({ ...base, id: 'known', starterMustBeKnown: true });
    const unknown = { ...strict, starter: { id: null, verified: false } };
    expect(refuseToDecide(unknown, ann, approve)?.code).toBe('starter-unknown');
    expect(refuseToDecide(strict, ann, approve)).toBeUndefined();
  });
  test('approve in a window only, and reject at any time', () => {
    expect(refuseToDecide(situation(nights), ann, approve)).toEqual({
      code: 'outside-window',
      sentence: expect.stringContaining('Approve it from 2026-03-03 01:00 UTC on'),
    });
    expect(refuseToDecide(situation(nights), ann, { outcome: 'rejected' })).toBeUndefined();
  });
  test('say when windows never meet', () => {
    const never: Rule = {
      ...nights,
      id: 'days',
      windows: [{ days: ['mon'], from: '08:00', to: '09:00', timeZone: 'UTC' }],
    };
    expect(refuseToDecide(situation(nights, never), ann, approve)?.sentence).toMatch(
      "never meet another rule's",
    );
  });
});

describe('who turns out to have asked', () => {
  const ann = person('ann', 'approver');
  const bob = person('bob', 'approver');
  const { demands } = situation();
  const asked = (...alsoAsked: string[]): Starter => ({ id: 'olga', verified: true, alsoAsked });
  test('loses the answer that they gave before', () => {
    const votes = [vote(ann)];
    expect(standingOf({ demands, votes, starter: asked() }).outcome).toBe('approved');
    expect(standingOf({ demands, votes, starter: asked('ann') }).outcome).toBe('pending');
    expect(standingOf({ demands, votes, starter: { id: 'ann', verified: true } }).outcome).toBe('pending');
  });
  test('is not answered for by a delegate either', () => {
    const votes = [vote(person('dan'), 'approved', [bob])];
    expect(standingOf({ demands, votes, starter: asked() }).outcome).toBe('approved');
    expect(standingOf({ demands, votes, starter: asked('bob') }).outcome).toBe('pending');
  });
});

describe('change windows', () => {
  const night = { days: ['sun'], from: '02:00', to: '03:00', timeZone: 'Europe/Berlin' } as const;
  const open = { ...night, days: [...night.days] };
  test('its last minute is outside', () => {
    expect(isOpen(open, new Date('2026-03-01T01:59:59Z'))).toBe(true);
    expect(isOpen(open, new Date('2026-03-01T02:00:00Z'))).toBe(false);
  });
  test('an hour that the clocks leave out is looked for a week later', () => {
    expect(nextOpening([[open]], new Date('2026-03-23T00:00:00Z'))).toEqual(new Date('2026-04-05T00:00:00Z'));
  });
});

describe('for any rules and answers', () => {
  const groups = ['approver', 'lead', 'admin', 'oncall'];
  const group = fc.constantFrom(...groups);
  const someGroups = fc.uniqueArray(group, { minLength: 1, maxLength: 3 });
  const anyRule = fc
    .record({
      approvals: fc.array(fc.record({ people: fc.integer({ min: 1, max: 3 }), from: someGroups }), {
        minLength: 1,
        maxLength: 3,
      }),
    })
    .map(({ approvals }): Omit<Rule, 'id'> => ({ why: 'A rule of a property test.', when: {}, approvals }));
  const anyRules = fc
    .array(anyRule, { maxLength: 4 })
    .map((rules) => rules.map((rule, at) => ({ ...rule, id: `r${at}` })));
  const anyVotes = fc
    .array(
      fc.record({
        groups: someGroups,
        approves: fc.boolean(),
        delegator: fc.option(fc.nat(7), { nil: undefined }),
      }),
      { maxLength: 8 },
    )
    .map((given) => {
      const people = given.map((one, at) => person(`p${at}`, ...one.groups));
      return given.map(({ approves, delegator }, at): Vote => {
        const other = delegator === undefined ? undefined : people[delegator];
        const self = people[at] as Person;
        return vote(self, approves ? 'approved' : 'rejected', other && other !== self ? [other] : []);
      });
    });
  const approvalsOf = (votes: Vote[]) => votes.filter(({ outcome }) => outcome === 'approved');

  test('one more rule never approves what was not', () => {
    fc.assert(
      fc.property(anyRules, anyRule, anyVotes, (rules, extra, votes) => {
        const fewer = tally(demandsOf(rulesOf(...rules), facts), votes).outcome;
        const more = tally(demandsOf(rulesOf(...rules, { ...extra, id: 'extra' }), facts), votes).outcome;
        expect(more === 'approved' && fewer !== 'approved').toBe(false);
      }),
    );
  });
  test('one more approval never undoes one', () => {
    fc.assert(
      fc.property(anyRules, anyVotes, someGroups, (rules, votes, held) => {
        const demands = demandsOf(rulesOf(...rules), facts);
        const before = tally(demands, approvalsOf(votes)).outcome;
        const after = tally(demands, [...approvalsOf(votes), vote(person('late', ...held))]).outcome;
        expect(before === 'approved' && after !== 'approved').toBe(false);
      }),
    );
  });
  test('the order of approvals by people for themselves does not matter', () => {
    fc.assert(
      fc.property(anyRules, anyVotes, (rules, votes) => {
        const demands = demandsOf(rulesOf(...rules), facts);
        const own = approvalsOf(votes).map((one) => ({ ...one, seats: one.seats.slice(0, 1) }));
        expect(tally(demands, own.toReversed())).toEqual(tally(demands, own));
      }),
    );
  });
  test('never approved by fewer people than the largest rule asks for', () => {
    fc.assert(
      fc.property(anyRules, anyVotes, (rules, votes) => {
        const demands = demandsOf(rulesOf(...rules), facts);
        const needed = Math.max(
          ...demands.approvals.map(({ quorums }) => quorums.reduce((sum, { people }) => sum + people, 0)),
        );
        const people = new Set(approvalsOf(votes).map((one) => one.person));
        expect(tally(demands, votes).outcome === 'approved' && people.size < needed).toBe(false);
      }),
    );
  });
});
