import fc from 'fast-check';
import { type Waiver, waiver, waiverFor, withWaiver } from '../../../lambdas/compliance-rules/waiver';
import { waiversOfThisRelease } from '../../../lambdas/compliance-rules/waivers-of-this-release';

const aWaiver = (given: Partial<Waiver> = {}): Waiver => ({
  rule: 'upgrades-timer',
  workspace: 'demo/sandbox-*',
  owner: 'platform-team',
  reason: 'Made anew every day.',
  from: '2026-01-01',
  until: '2026-06-30',
  ...given,
});
const asked = { rule: 'upgrades-timer', workspace: 'demo/sandbox-1' };
const failing = { status: 'fail' as const };

test.each([
  ['2025-12-31T23:59:59.999Z', null],
  ['2026-01-01T00:00:00.000Z', false],
  ['2026-06-30T23:59:59.999Z', false],
  ['2026-07-01T00:00:00.000Z', true],
])('at %s, ended is %s', (at, ended) => {
  expect(waiverFor([aWaiver()], { ...asked, at })?.ended ?? null).toBe(ended);
});

test.each([
  ['another rule', { ...asked, rule: 'ssh-log' }],
  ['another workspace', { ...asked, workspace: 'demo/web-01' }],
  ["another tenant's", { ...asked, workspace: 'acme/sandbox-1' }],
])('reaches no further than it says: %s', (_, of) => {
  expect(waiverFor([aWaiver()], { ...of, at: '2026-03-01T00:00:00.000Z' })).toBeNull();
});

test('one that is in force stands before one that has ended', () => {
  const all = [aWaiver(), aWaiver({ from: '2026-07-01', until: '2026-12-31', owner: 'shop' })];
  for (const order of [all, [...all].reverse()])
    expect(waiverFor(order, { ...asked, at: '2026-08-01T00:00:00.000Z' })).toMatchObject({
      owner: 'shop',
      ended: false,
    });
});

test('a failure that is waived is waived; one whose waiver has ended fails, and says so', () => {
  const at = (day: string) => waiverFor([aWaiver()], { ...asked, at: `${day}T00:00:00.000Z` });
  expect(withWaiver(failing, at('2026-03-01'))).toMatchObject({ status: 'waived', waiver: { ended: false } });
  expect(withWaiver(failing, at('2026-08-01'))).toMatchObject({ status: 'fail', waiver: { ended: true } });
  expect(withWaiver(failing, null)).toEqual({ status: 'fail', waiver: null });
});

test('what does not fail is never waived', () => {
  const waived = waiverFor([aWaiver()], { ...asked, at: '2026-03-01T00:00:00.000Z' });
  for (const status of ['pass', 'not-applicable'] as const)
    expect(withWaiver({ status }, waived)).toEqual({ status, waiver: null });
});

test.each([
  ['no end', { until: undefined }],
  ['no owner', { owner: '' }],
  ['no reason', { reason: 'because' }],
  ['more than a year', { until: '2027-01-03' }],
  ['an end before its beginning', { until: '2025-12-31' }],
  ['a day that is none', { until: '2026-02-30' }],
  ['a pattern over tenants', { workspace: '*' }],
  ['a field of its own', { approvedBy: 'jo' }],
])('refuses a waiver with %s', (_, given) => {
  expect(waiver.safeParse({ ...aWaiver(), ...given }).success).toBe(false);
});

test('a whole year is no day too long', () => {
  const day = fc.date({ min: new Date('2020-01-01'), max: new Date('2080-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(day, fc.integer({ min: -400, max: 800 }), (from, days) => {
      const until = new Date(Date.parse(from.toISOString().slice(0, 10)) + days * 86_400_000);
      const given = aWaiver({
        from: from.toISOString().slice(0, 10),
        until: until.toISOString().slice(0, 10),
      });
      expect(waiver.safeParse(given).success).toBe(days >= 0 && days <= 366);
    }),
  );
});

test('those of this release can be read', () => {
  expect(waiversOfThisRelease.length).toBeGreaterThan(0);
});
