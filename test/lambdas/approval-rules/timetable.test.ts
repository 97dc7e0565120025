import fc from 'fast-check';
import { dueBy, isOverdue, nextLook, type Timed } from '../../../lambdas/approval-rules/timetable';

const hour = 3_600_000;
const asked = Date.parse('2026-11-21T09:00:00.000Z');
const hoursIn = (hours: number): Date => new Date(asked + hours * hour);

const timed = (over: Partial<Timed['demands']> = {}, hours = 72): Timed => ({
  createdAt: hoursIn(0).toISOString(),
  expiresAt: hoursIn(hours).toISOString(),
  demands: { remindAfterHours: null, escalations: [], ...over },
});

test('looks again at the next thing that is due, and every hour', () => {
  const calm = timed();
  expect(nextLook(calm, hoursIn(3))).toEqual(hoursIn(4));
  expect(nextLook(calm, hoursIn(71.5))).toEqual(new Date(hoursIn(72).getTime() + 60_000));
  expect(nextLook(timed({ remindAfterHours: 0.5 }), hoursIn(0))).toEqual(hoursIn(0.5));
  expect(nextLook(timed({ escalations: [{ afterHours: 8, to: 'admin' }] }), hoursIn(7.5))).toEqual(
    hoursIn(8),
  );
});

test('counts what is due; reminders that were missed are one', () => {
  const rules = timed({
    remindAfterHours: 4,
    escalations: [
      { afterHours: 8, to: 'admin' },
      { afterHours: 24, to: 'managers' },
    ],
  });
  expect(dueBy(rules, hoursIn(3.9))).toEqual({ escalated: 0, reminded: 0 });
  expect(dueBy(rules, hoursIn(8))).toEqual({ escalated: 1, reminded: 2 });
  expect(dueBy(rules, hoursIn(-100))).toEqual({ escalated: 0, reminded: 0 });
});

test('the waiting state has a minute to end by itself', () => {
  expect(isOverdue(timed(), hoursIn(72))).toBe(false);
  expect(isOverdue(timed(), new Date(hoursIn(72).getTime() + 60_000))).toBe(true);
});

test('the next look is always later than now, at most an hour, and nothing becomes due in between', () => {
  const schedules = fc.record({
    remindAfterHours: fc.option(fc.double({ min: 0.5, max: 720, noNaN: true })),
    escalations: fc
      .array(
        fc.record({ afterHours: fc.double({ min: 0.5, max: 720, noNaN: true }), to: fc.constant('admin') }),
        {
          maxLength: 5,
        },
      )
      .map((list) => list.sort((one, other) => one.afterHours - other.afterHours)),
  });
  fc.assert(
    fc.property(
      schedules,
      fc.double({ min: 0.01, max: 720, noNaN: true }),
      fc.double({ min: -10, max: 1000, noNaN: true }),
      (demands, expires, passed) => {
        const rules = timed(demands, expires);
        const now = hoursIn(passed);
        const next = nextLook(rules, now);
        expect(next.getTime()).toBeGreaterThan(now.getTime());
        expect(next.getTime() - now.getTime()).toBeLessThanOrEqual(hour);
        const before = new Date(next.getTime() - 1);
        expect(dueBy(rules, before)).toEqual(dueBy(rules, now));
        expect(isOverdue(rules, before)).toBe(isOverdue(rules, now));
      },
    ),
    { numRuns: 2000 },
  );
});
