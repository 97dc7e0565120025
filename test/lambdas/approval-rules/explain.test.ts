import fc from 'fast-check';
import { type ChangeFacts, demandsOf } from '../../../lambdas/approval-rules/demands';
import { type Explained, explain } from '../../../lambdas/approval-rules/explain';
import type { Person, Vote } from '../../../lambdas/approval-rules/people';
import { refuseToAsk, refuseToDecide } from '../../../lambdas/approval-rules/permission';
import { ruleSet } from '../../../lambdas/approval-rules/rule-set';
import { standingOf } from '../../../lambdas/approval-rules/tally';
import shipped from '../../../policies/approval/rules.json';
import { aVote } from '../../support/approval-fixtures';

const rules = ruleSet.parse(shipped);
const facts: ChangeFacts = {
  workspace: 'demo/web-01',
  environment: 'poc',
  workflow: 'vm-provisioning',
  dangers: ['create'],
  stricterGate: false,
  addedCost: 12,
};
const now = new Date('2026-03-02T10:00:00Z');
const approval = (about: Partial<ChangeFacts> = {}, over: Partial<Explained> = {}): Explained => ({
  demands: demandsOf(rules, { ...facts, ...about }),
  starter: { id: 'olga', verified: true },
  delegations: [],
  votes: [],
  now,
  status: 'pending',
  expiresAt: '2026-03-03T10:00:00Z',
  ...over,
});
const person = (id: string, ...groups: string[]): Person => ({ id, groups });
const ann = person('ann', 'approver');

test.each<[string, Explained, Person, RegExp]>([
  ['one approval is enough', approval(), ann, /^You may approve it, and your approval settles it\.$/],
  ['more are needed', approval({ dangers: ['destroy'] }), ann, /after you it still needs 1 more of approver/],
  [
    'others are missing',
    approval({ dangers: ['access'] }, { votes: [aVote({ person: 'bob' })] }),
    ann,
    /it is others who are missing: 1 more of admin/,
  ],
  ['one’s own request', approval(), person('olga', 'approver'), /You asked for this change/],
  ['no group', approval(), person('eve'), /Only approver or admin may decide/],
  [
    'outside the window',
    approval({ environment: 'prod' }, { now: new Date('2026-03-02T03:00:00Z') }),
    ann,
    /You may reject it, but not approve it now\. .*from 2026-03-02 07:00 UTC on/,
  ],
  [
    'starter unknown',
    approval({ environment: 'prod' }, { starter: { id: 'olga', verified: false } }),
    ann,
    /Nobody decides before it is known who started the run/,
  ],
  [
    'delegated away',
    approval({}, { delegations: [{ from: ann, to: 'bob', until: '2026-03-05T00:00:00Z' }] }),
    ann,
    /You let bob answer for you until/,
  ],
  [
    'delegated to them',
    approval({}, { delegations: [{ from: ann, to: 'dan', until: '2026-03-05T00:00:00Z' }] }),
    person('dan'),
    /your approval settles it/,
  ],
  ['break glass', approval(), person('gus', 'break-glass'), /You may break the glass .* 2 people together/],
  ['expired', approval({}, { expiresAt: '2026-03-02T09:00:00Z' }), ann, /Nobody answered before/],
  [
    'approved',
    approval({}, { status: 'approved', votes: [aVote({ person: 'bob' })] }),
    ann,
    /approved by bob; that is final/,
  ],
  ['void', approval({}, { status: 'voided', askRefusal: 'eve may not ask.' }), ann, /eve may not ask/],
])('says in a sentence: %s', (_, about, who, sentence) => {
  expect(explain(about, who).summary).toMatch(sentence);
});

test('says what an approval waits for, and what would help', () => {
  const { waitsFor, wouldHelp } = explain(
    approval({ environment: 'prod' }, { starter: { id: null, verified: false } }),
    ann,
  );
  expect(waitsFor).toEqual([
    expect.stringContaining('Nobody decides before it is known'),
    expect.stringContaining('It waits for 1 more of approver or admin'),
    'Without an answer it expires at 2026-03-03T10:00:00Z.',
  ]);
  expect(wouldHelp).toEqual([
    expect.stringContaining('does the account have a trail'),
    expect.stringContaining('One more approval by approver or admin'),
    'In an emergency: 2 people of break-glass break the glass.',
  ]);
});

test('an answer of somebody who turns out to have asked is told not to count', () => {
  const about = approval({}, { votes: [aVote({ person: 'olga' })] });
  expect(explain(about, ann).waitsFor).toContain(
    'The answer of olga does not count: they asked for the change.',
  );
});

describe('for any change, person and answers', () => {
  const groups = ['operator', 'approver', 'admin', 'break-glass', 'auditor'];
  const anyone = fc.record({
    id: fc.constantFrom('ann', 'bob', 'cleo', 'dan', 'olga'),
    groups: fc.subarray(groups),
  });
  const anyApproval = fc
    .record({
      environment: fc.constantFrom('poc', 'prod'),
      workflow: fc.constantFrom('vm-provisioning', 'decommission'),
      dangers: fc.subarray(['create', 'destroy', 'access'] as const),
      voters: fc.uniqueArray(fc.record({ who: anyone, approves: fc.boolean() }), {
        selector: ({ who }) => who.id,
        maxLength: 4,
      }),
      verified: fc.boolean(),
      delegation: fc.option(fc.record({ from: anyone, to: fc.constantFrom('ann', 'bob', 'dan') })),
      status: fc.constantFrom('pending' as const, 'pending' as const, 'approved' as const, 'voided' as const),
      hour: fc.integer({ min: 0, max: 200 }),
    })
    .map((one): Explained => {
      const at = new Date(now.getTime() + one.hour * 3_600_000);
      const votes = one.voters.map(
        ({ who, approves }): Vote =>
          aVote({ person: who.id, outcome: approves ? 'approved' : 'rejected', seats: [who] }),
      );
      return approval(
        { environment: one.environment, workflow: one.workflow, dangers: one.dangers },
        {
          votes,
          now: at,
          status: one.status,
          starter: { id: 'olga', verified: one.verified },
          delegations: one.delegation ? [{ ...one.delegation, until: '2026-03-06T00:00:00Z' }] : [],
        },
      );
    });
  const isOver = ({ status, expiresAt, now: at }: Explained): boolean =>
    status !== 'pending' || expiresAt <= at.toISOString();

  test('it says of each answer what the decision would say', () => {
    fc.assert(
      fc.property(anyApproval, anyone, (about, who) => {
        const said = explain(about, who);
        const would = (answer: Parameters<typeof refuseToDecide>[2]): boolean =>
          !isOver(about) && refuseToDecide(about, who, answer) === undefined;
        expect(said.approve.allowed).toBe(would({ outcome: 'approved' }));
        expect(said.reject.allowed).toBe(would({ outcome: 'rejected' }));
        expect(said.breakGlass.allowed).toBe(
          would({ outcome: 'approved', emergency: 'a reason that is long enough' }),
        );
        expect(said.ask.allowed).toBe(refuseToAsk(about.demands, who) === undefined);
        expect(said.summary).not.toBe('');
      }),
      { numRuns: 500 },
    );
  });
  test('it names as missing what the tally misses, and promises to settle what settles', () => {
    fc.assert(
      fc.property(anyApproval, anyone, (about, who) => {
        const said = explain(about, who);
        const { missing } = standingOf(about);
        const lines = said.waitsFor.filter((line) => line.startsWith('It waits for'));
        expect(lines).toHaveLength(isOver(about) ? 0 : missing.length);
        if (!said.approve.allowed) return;
        const vote = aVote({
          person: who.id,
          seats: [
            who,
            ...about.delegations
              .filter(({ to, from }) => to === who.id && from.id !== 'olga' && from.id !== who.id)
              .filter(({ until }) => about.now.toISOString() < until)
              .map(({ from }) => from),
          ],
        });
        const { outcome } = standingOf({ ...about, votes: [...about.votes, vote] });
        expect(said.approve.why.includes('settles it')).toBe(outcome === 'approved');
      }),
      { numRuns: 500 },
    );
  });
});
