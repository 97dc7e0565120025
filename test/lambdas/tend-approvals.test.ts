import fc from 'fast-check';
import { budgetMs } from '../../lambdas/approval-mail/mailbox';
import type { Rule } from '../../lambdas/approval-rules/rule-set';
import { approvalCallbacks, leaseCallbacks } from '../../lambdas/send-callback/callbacks';
import { makeSendCallback } from '../../lambdas/send-callback/send-callback';
import type { ApprovalRecord } from '../../lambdas/shared/approval-record';
import { countMetric } from '../../lambdas/shared/metric';
import { glassMetric } from '../../lambdas/tend-approvals/contract';
import { aVote, demandsUnder } from '../support/approval-fixtures';
import { aChange, aPending, approvalId, mailBudget, startedAt } from '../support/gate';
import { inMemoryLeases } from '../support/in-memory-leases';
import { approver, prepareTending } from '../support/tending';

const alex = approver('alex', 'approver');
const kim = approver('kim', 'approver');
const ada = approver('ada', 'admin');

const rule: Rule = {
  id: 'two',
  why: 'What is destroyed does not come back.',
  when: {},
  approvals: [{ people: 2, from: ['approver', 'admin'] }],
  remindAfterHours: 4,
  escalations: [{ afterHours: 8, to: 'admin' }],
};
const hoursIn = (hours: number): string => new Date(startedAt.getTime() + hours * 3_600_000).toISOString();

const waiting = (over: Partial<ApprovalRecord> = {}): ApprovalRecord =>
  aPending({
    demands: demandsUnder(rule),
    mailedTo: ['alex', 'kim'],
    tending: '1',
    dueAt: hoursIn(1),
    ...over,
  });

const to = (mails: readonly { topicArn: string }[]) => mails.map(({ topicArn }) => topicArn);

test('reminds those whose answer is missing, with a new link, once per interval', async () => {
  const gate = prepareTending([alex, kim, ada], [waiting({ votes: [aVote()] })]);
  await gate.sweepAt(3.9);
  expect(gate.mails).toEqual([]);
  await gate.sweepAt(4);
  await gate.sweepAt(4.5);
  expect(gate.mails).toMatchObject([
    { topicArn: 'arn:kim', subject: `Reminder, approval needed: demo/web-01 (run-1)` },
  ]);
  expect(gate.mails[0]?.text).toMatch(
    /^This waits since 21 Nov 2026, 09:00 UTC, and your answer is still missing\.\n/,
  );
  expect(gate.mails[0]?.text).toMatch(/\?key=[A-Za-z0-9_-]{43}\n/);
  expect(gate.ledger.events).toMatchObject([{ type: 'approval.reminded', data: { people: ['person:kim'] } }]);
});

test('reminders that a broken sweep missed are one', async () => {
  const gate = prepareTending(
    [alex, kim],
    [waiting({ demands: demandsUnder({ ...rule, escalations: [{ afterHours: 700, to: 'admin' }] }) })],
  );
  await gate.sweepAt(13);
  await gate.sweepAt(14);
  expect(to(gate.mails)).toEqual(['arn:alex', 'arn:kim']);
});

test('asks the next group when it is its turn, and puts that on the record', async () => {
  const gate = prepareTending([alex, kim, ada], [waiting({ reminded: 2 })]);
  await gate.sweepAt(8);
  expect(gate.mails).toMatchObject([
    { topicArn: 'arn:ada', subject: expect.stringMatching(/^Approval still needed/) },
  ]);
  expect(gate.ledger.events).toMatchObject([
    { type: 'approval.escalated', data: { to: 'admin', afterHours: 8, approvalId } },
  ]);
  expect(gate.approvals.records.get(approvalId)).toMatchObject({
    escalated: 1,
    mailedTo: ['alex', 'kim', 'ada'],
  });
});

test('asks somebody as soon as mail reaches them, and shows on the gate whom it does not reach', async () => {
  const gate = prepareTending([alex, kim, approver('lou', 'approver')], [waiting()]);
  gate.unreachable.add('lou');
  await gate.sweepAt(1);
  expect(gate.mails).toEqual([]);
  expect(gate.approvals.records.get(approvalId)?.unreachable).toEqual(['lou']);
  gate.unreachable.clear();
  await gate.sweepAt(2);
  expect(to(gate.mails)).toEqual(['arn:lou']);
});

test('expires by rule: the run is told through the outbox, and the ledger knows', async () => {
  const gate = prepareTending([alex, kim], [waiting({ expiresAt: hoursIn(2), dueAt: hoursIn(2) })]);
  await gate.sweepAt(2);
  expect(gate.approvals.records.get(approvalId)?.status).toBe('pending');
  await gate.sweepAt(2 + 1 / 60);
  expect(gate.woken).toEqual([{ approvalId }]);
  const resumed: unknown[] = [];
  const send = makeSendCallback({
    approvals: approvalCallbacks(gate.approvals),
    leases: leaseCallbacks(inMemoryLeases(new Map()).ticketOutbox),
    ledger: gate.ledger,
    resume: async (_, output) => {
      resumed.push(output);
    },
    now: () => startedAt,
  });
  await send({ approvalId });
  expect(resumed).toEqual([{ output: { outcome: 'expired', decidedAt: hoursIn(2 + 1 / 60), answers: [] } }]);
  expect(gate.ledger.events).toMatchObject([
    { type: 'approval.expired', id: `approval.closed:${approvalId}` },
  ]);
  expect(gate.approvals.records.get(approvalId)).not.toHaveProperty('tending');
});

test('an answer that was first wins over the expiry', async () => {
  const gate = prepareTending([alex, kim], [waiting({ expiresAt: hoursIn(2) })]);
  gate.clock.now = new Date(hoursIn(1));
  await gate.approvals.addVote(approvalId, aVote({ at: hoursIn(1) }), 0, 'rejected');
  await gate.sweepAt(3);
  expect(gate.approvals.records.get(approvalId)).toMatchObject({ status: 'rejected', callbackPending: '1' });
  expect(gate.woken).toEqual([]);
});

test('voids an approval whose run has ended', async () => {
  const gate = prepareTending([alex, kim], [waiting()]);
  gate.endedRuns.add('run-1');
  await gate.sweepAt(1);
  expect(gate.approvals.records.get(approvalId)?.status).toBe('voided');
  expect(gate.approvals.records.get(approvalId)).not.toHaveProperty('callbackPending');
  expect(gate.ledger.events).toMatchObject([{ type: 'approval.voided' }]);
  expect(gate.mails).toEqual([]);
});

test('what failed for one is done for them alone when the claim has ended', async () => {
  const gate = prepareTending([alex, kim, ada], [waiting({ reminded: 2 })]);
  gate.crash.sendMail = () => true;
  await gate.sweepAt(8);
  delete gate.crash.sendMail;
  await gate.sweepAt(8.01);
  expect(gate.mails).toEqual([]);
  await gate.sweepAt(8.04);
  expect(to(gate.mails)).toEqual(['arn:ada']);
});

test('two sweeps at once send nothing twice', async () => {
  const gate = prepareTending([alex, kim, ada], [waiting()]);
  await Promise.all([gate.sweepAt(9), gate.sweepAt(9), gate.sweepAt(9)]);
  expect(to(gate.mails).sort()).toEqual(['arn:ada', 'arn:alex', 'arn:kim']);
});

describe('broken glass', () => {
  const breakGlass = { people: 2, from: ['break-glass'], reasonAtLeast: 20 };
  const record = waiting({ demands: { ...demandsUnder(rule), breakGlass } });
  const breaks = (person: string) =>
    aVote({
      person,
      breaksGlass: true,
      at: hoursIn(0.5),
      comment: 'The shop is down, and the\nqueue is full',
      seats: [{ id: person, groups: ['break-glass'] }],
    });

  test('operations hear of each answer at once, and the alarm goes', async () => {
    const gate = prepareTending([alex, kim], [record]);
    gate.clock.now = new Date(hoursIn(0.5));
    await gate.approvals.addVote(approvalId, breaks('gus'), 0, undefined);
    await gate.wake(approvalId);
    await gate.wake(approvalId);
    expect(gate.mails).toMatchObject([
      { topicArn: 'arn:operations', subject: 'Glass broken: demo/web-01 (run-1)' },
    ]);
    expect(gate.mails[0]?.text).toContain('Nothing is carried out yet: it takes 1 more.');
    expect(gate.mails[0]?.text).toContain('Reason:        The shop is down, and the queue is full\n');
    expect(gate.mails[0]?.text).not.toContain('?key=');
    await gate.approvals.addVote(approvalId, breaks('ivy'), 1, 'approved');
    await gate.wake(approvalId);
    expect(gate.mails[1]?.text).toMatch(
      /That decides it: the change goes around the rules[\s\S]*By: {12}ivy/,
    );
    expect(gate.mails[1]?.text).not.toContain('gus');
    expect(gate.alarms.count).toBe(2);
    expect(gate.ledger.events.map(({ type }) => type)).toEqual(['glass.broken', 'glass.broken']);
  });

  test('it is told even if a crash kept the function from being woken', async () => {
    const gate = prepareTending([alex, kim], [record]);
    await gate.approvals.addVote(approvalId, breaks('gus'), 0, 'approved');
    await gate.sweepAt(0.6);
    await gate.sweepAt(0.7);
    expect(to(gate.mails)).toEqual(['arn:operations']);
  });
});

describe('digests', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) =>
      waiting({
        approvalId: `run-${index}-dddddddd`,
        runId: `run-${index}`,
        demands: demandsUnder(),
        mailedTo: [],
        dueAt: hoursIn(0),
      }),
    );
  const changeOf = (id: string) => ({ ...aChange(), id, runId: id.slice(0, -9) });

  test('what goes beyond a person’s budget comes in one mail, a link for each that still waits', async () => {
    const gate = prepareTending([alex], many(12), changeOf);
    await gate.sweepAt(0);
    expect(gate.mails).toHaveLength(mailBudget);
    await gate.approvals.addVote('run-7-dddddddd', aVote({ at: hoursIn(0.01) }), 0, 'approved');
    await gate.sweepAt(0.1);
    expect(gate.mails).toHaveLength(mailBudget);
    await gate.sweepAt(0.17);
    expect(gate.mails).toHaveLength(mailBudget + 1);
    const digest = gate.mails.at(-1);
    expect(digest?.subject).toBe('6 changes wait for your answer');
    expect(digest?.text.match(/\/approvals\/run-\d+-dddddddd\?key=/g)).toHaveLength(6);
    expect(new Set(digest?.text.match(/\?key=\S+/g))).toHaveProperty('size', 6);
    expect(digest?.text).not.toContain('run-7');
    await gate.sweepAt(1);
    await gate.sweepAt(3);
    expect(gate.mails).toHaveLength(mailBudget + 1);
  });

  test('a digest that could not be sent is sent later', async () => {
    const gate = prepareTending([alex], many(8), changeOf);
    await gate.sweepAt(0);
    gate.crash.sendMail = () => true;
    await gate.sweepAt(0.17);
    delete gate.crash.sendMail;
    await gate.sweepAt(0.25);
    expect(gate.mails.at(-1)?.subject).toBe('3 changes wait for your answer');
  });

  test('whoever is no approver any more gets none', async () => {
    const gate = prepareTending([alex], []);
    gate.mailboxes.boxes.set('lou', { sentAt: [], waiting: ['run-1'], version: 1, dueAt: hoursIn(0) });
    await gate.sweepAt(0);
    expect(gate.mails).toEqual([]);
    expect(gate.mailboxes.boxes.get('lou')?.waiting).toEqual([]);
  });
});

test('whatever the schedule, the crashes and the clock: nobody is flooded, reminded twice or mailed after the end', async () => {
  const people = [alex, kim, ada];
  const steps = fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ sweep: fc.double({ min: 0.01, max: 6, noNaN: true }) }) },
      { weight: 1, arbitrary: fc.record({ jumpBack: fc.double({ min: 0.01, max: 48, noNaN: true }) }) },
      { weight: 1, arbitrary: fc.record({ answer: fc.constantFrom('alex', 'kim', 'ada') }) },
      { weight: 1, arbitrary: fc.record({ fail: fc.constantFrom('arn:alex', 'arn:kim', 'arn:ada') }) },
    ),
    { maxLength: 40 },
  );
  const rules = fc.record({
    remindAfterHours: fc.double({ min: 0.5, max: 12, noNaN: true }),
    afterHours: fc.double({ min: 0.5, max: 24, noNaN: true }),
    expires: fc.double({ min: 1, max: 60, noNaN: true }),
  });
  await fc.assert(
    fc.asyncProperty(rules, steps, async ({ remindAfterHours, afterHours, expires }, walk) => {
      const gate = prepareTending(people, [
        waiting({
          demands: demandsUnder({ ...rule, remindAfterHours, escalations: [{ afterHours, to: 'admin' }] }),
          expiresAt: hoursIn(expires),
          mailedTo: [],
          dueAt: hoursIn(0),
        }),
      ]);
      const statuses: string[] = [];
      let hours = 0;
      let hasFailed = false;
      for (const step of walk) {
        const before = gate.approvals.records.get(approvalId) as ApprovalRecord;
        const sentBefore = gate.mails.length;
        gate.crash.sendMail = (topicArn) => 'fail' in step && topicArn === step.fail;
        if ('fail' in step) hasFailed = true;
        if ('sweep' in step) hours += step.sweep;
        if ('jumpBack' in step) hours -= step.jumpBack;
        if ('answer' in step) {
          const vote = aVote({
            person: step.answer,
            at: hoursIn(hours),
            seats: [{ id: step.answer, groups: [step.answer === 'ada' ? 'admin' : 'approver'] }],
          });
          if (!before.votes.some(({ person }) => person === step.answer))
            await gate.approvals.addVote(
              approvalId,
              vote,
              before.votes.length,
              before.votes.length === 1 ? 'approved' : undefined,
            );
        } else await gate.sweepAt(hours);
        const now = gate.approvals.records.get(approvalId) as ApprovalRecord;
        statuses.push(now.status);
        // An end is the last word, and nobody hears of the matter afterwards.
        if (before.status !== 'pending') {
          expect(now.status).toBe(before.status);
          expect(gate.mails.length).toBe(sentBefore);
        }
        // Nobody gets two mails at one moment, nobody who has answered, nobody once it has expired.
        const sent = gate.mails.slice(sentBefore);
        expect(new Set(to(sent)).size).toBe(sent.length);
        for (const { person } of now.votes) expect(to(sent)).not.toContain(`arn:${person}`);
        for (const { at } of sent) expect(at < hoursIn(expires)).toBe(true);
        if (now.status === 'expired') expect((now.decidedAt ?? '') >= hoursIn(expires)).toBe(true);
        // What still waits will be looked at again.
        if (now.status === 'pending') expect(now).toMatchObject({ tending: '1', dueAt: expect.any(String) });
        expect(now.links.length).toBeLessThanOrEqual(9);
      }
      const types = gate.ledger.events.map(({ type }) => type);
      expect(types.filter((type) => type === 'approval.escalated').length).toBeLessThanOrEqual(1);
      expect(types.filter((type) => /expired|voided/.test(type)).length).toBeLessThanOrEqual(1);
      if (hasFailed) return;
      for (const one of people) {
        const own = gate.mails.filter(({ topicArn }) => topicArn === one.topicArn);
        expect(own.filter(({ subject }) => !subject.startsWith('Reminder')).length).toBeLessThanOrEqual(1);
        const reminders = own.filter(({ subject }) => subject.startsWith('Reminder'));
        const intervals = reminders.map(({ at }) =>
          Math.floor((Date.parse(at) - startedAt.getTime()) / (remindAfterHours * 3_600_000)),
        );
        expect(new Set(intervals).size).toBe(intervals.length);
      }
    }),
    { numRuns: 300 },
  );
});

test('in any order of requests, no window of the budget holds more mails than it allows', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 180 }), { maxLength: 60 }), async (gaps) => {
      const gate = prepareTending([alex], [], (id) => ({ ...aChange(), id }));
      let seconds = 0;
      for (const [index, gap] of gaps.entries()) {
        seconds += gap;
        const record = waiting({
          approvalId: `run-${index}-dddddddd`,
          demands: demandsUnder(),
          mailedTo: [],
          dueAt: hoursIn(seconds / 3600),
        });
        gate.approvals.records.set(record.approvalId, record);
        await gate.sweepAt(seconds / 3600);
      }
      const at = gate.mails.map((mail) => Date.parse(mail.at));
      for (const [index, moment] of at.entries())
        expect(
          at.filter((other, later) => later >= index && other - moment < budgetMs).length,
        ).toBeLessThanOrEqual(mailBudget);
      for (let sweep = 1; sweep < 10; sweep++) await gate.sweepAt(seconds / 3600 + sweep / 5);
      const linked = new Set(gate.mails.flatMap(({ text }) => text.match(/approvals\/run-\d+-/g) ?? []));
      expect(linked.size).toBe(gaps.length);
    }),
    { numRuns: 60 },
  );
});

test('the alarm is one line that CloudWatch reads a metric from', () => {
  const lines: string[] = [];
  countMetric((line) => lines.push(line), glassMetric, startedAt);
  expect(lines.join('')).toMatch(/^\{.*\}\n$/);
  const { GlassBroken, _aws } = JSON.parse(lines.join(''));
  expect(GlassBroken).toBe(1);
  expect(_aws).toEqual({
    Timestamp: startedAt.getTime(),
    CloudWatchMetrics: [
      { Namespace: 'Orchestrator', Dimensions: [[]], Metrics: [{ Name: 'GlassBroken', Unit: 'Count' }] },
    ],
  });
});
