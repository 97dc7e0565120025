import fc from 'fast-check';
import { CredentialRecord, Outcome, Step } from '../../../lambdas/rotation/journal';
import { groups, inOrderOfNeed, isThere, standingOf } from '../../../lambdas/rotation/life-cycle';
import { aCredential, aRotation, hoursFrom } from '../../support/credential-records';
import { startedAt as now } from '../../support/gate';

const needsOf = (over: Parameters<typeof aCredential>[0]) => standingOf(aCredential(over), now).needs;
const groupOf = (over: Parameters<typeof aCredential>[0]) => standingOf(aCredential(over), now).group;
const result = (outcome: Outcome, error?: string) => ({
  lastResult: { outcome, at: hoursFrom(-1), runId: 'r', ...(error !== undefined && { error }) },
});

test.each([
  [8 * 24, 'fine'],
  [6 * 24, 'soon'],
  [-1, 'due'],
  [-47, 'due'],
  [-49, 'needs-somebody'],
] as const)('a credential whose date is %i hours from now is %s', (hours, group) => {
  expect(groupOf({ nextDueAt: hoursFrom(hours) })).toBe(group);
});

test('it is overdue after two nights, unless the next value is current already', () => {
  expect(needsOf({ nextDueAt: hoursFrom(-49) })).toEqual(['overdue']);
  const promoted = aRotation({
    step: 'drain',
    begunAt: hoursFrom(-2),
    promotedAt: hoursFrom(-2),
    drainUntil: hoursFrom(-1),
  });
  expect(needsOf({ nextDueAt: hoursFrom(-49), rotation: promoted })).toEqual([]);
});

test.each(['create', 'set', 'test', 'promote', 'abandon'] as const)(
  'in the step %s it is stuck after an hour',
  (step) => {
    expect(needsOf({ rotation: aRotation({ step, begunAt: hoursFrom(-0.9) }) })).toEqual([]);
    expect(needsOf({ rotation: aRotation({ step, begunAt: hoursFrom(-1.1) }) })).toEqual(['stuck']);
  },
);

test('what others still use is left two nights after they were last looked for', () => {
  const drains = (hours: number) =>
    needsOf({
      rotation: aRotation({
        step: 'drain',
        begunAt: hoursFrom(-100),
        promotedAt: hoursFrom(-100),
        drainUntil: hoursFrom(hours),
      }),
    });
  expect(drains(1)).toEqual([]);
  expect(drains(-47)).toEqual([]);
  expect(drains(-49)).toEqual(['stuck']);
});

test('a failure says which kind it is', () => {
  expect(needsOf(result('abandoned', 'MissingRightsError'))).toEqual(['failed']);
  expect(needsOf(result('failed', 'CredentialTagsError'))).toEqual(['unfit']);
  expect(needsOf(result('rolled-back', 'CredentialRefusedError'))).toEqual(['rolled-back']);
  expect(needsOf(result('completed'))).toEqual([]);
  expect(needsOf(result('draining', 'StillUsed'))).toEqual([]);
  expect(
    needsOf({
      ...result('failed', 'CredentialRefusedError'),
      rotation: aRotation({ step: 'confirm', begunAt: hoursFrom(-9) }),
    }),
  ).toEqual(['broken']);
});

test('more than three tries are a storm', () => {
  expect(needsOf({ attempts: 3 })).toEqual([]);
  expect(needsOf({ attempts: 4 })).toEqual(['storm']);
});

test('the age is that of the last rotation, or by the next date where there was none', () => {
  expect(standingOf(aCredential({ nextDueAt: hoursFrom(0), days: 90 }), now).currentSince).toBe(
    hoursFrom(-90 * 24),
  );
  expect(standingOf(aCredential({ lastRotatedAt: hoursFrom(-3) }), now).currentSince).toBe(hoursFrom(-3));
  const { nextDueAt: _, ...undated } = aCredential();
  expect(standingOf(undated, now).currentSince).toBeNull();
});

test('whatever stands in the journal, each credential stands in one place, and who is needed before who is not', () => {
  const moment = fc.integer({ min: -3000, max: 3000 }).map(hoursFrom);
  const record: fc.Arbitrary<CredentialRecord> = fc
    .record(
      {
        id: fc.string(),
        days: fc.integer({ min: 1, max: 365 }),
        nextDueAt: moment,
        attempts: fc.nat(9),
        rotation: fc.record({
          step: fc.constantFrom(...Step.options),
          begunAt: moment,
          version: fc.constant('v2'),
          from: fc.constant('v1'),
          runId: fc.constant('r'),
          attempt: fc.constant(1),
        }),
        lastResult: fc.record({
          outcome: fc.constantFrom(...Outcome.options),
          at: moment,
          runId: fc.constant('r'),
        }),
      },
      { requiredKeys: [] },
    )
    .map((over) => CredentialRecord.parse({ id: 'x', attempts: 0, revision: 1, ...over }));
  fc.assert(
    fc.property(fc.array(record, { maxLength: 20 }), (records) => {
      const order = inOrderOfNeed(records, now);
      expect(order.map(({ record: one }) => one.id).sort()).toEqual(
        records
          .filter(isThere)
          .map(({ id }) => id)
          .sort(),
      );
      const places = order.map(({ group }) => groups.indexOf(group));
      expect(places).toEqual([...places].sort((a, b) => a - b));
      for (const { needs, group } of order) expect(needs.length > 0).toBe(group === 'needs-somebody');
    }),
  );
});
