import { environment } from '../../support/infra-app';

const nightly = {
  id: 'nightly-drift',
  workflow: 'drift-check',
  cron: '0 3 * * ? *',
  input: { workspace: 'acme/shop' },
};
const withSchedules =
  (...schedules: object[]) =>
  () =>
    environment('poc', (input) => ({ ...input, schedules: schedules as never }));

test('a schedule is enabled, and its clock is UTC, unless it says otherwise', () => {
  expect(withSchedules(nightly)().schedules).toEqual([{ ...nightly, timezone: 'UTC', enabled: true }]);
});

test.each([
  '0 3 * * ? *',
  '0/15 8-17 ? * MON-FRI *',
  '30 4 L * ? *',
  '0 0 1W 1,7 ? 2026-2030',
  '0 9 ? * 2#1 *',
  '5,35 */2 ? jan-mar sun,wed *',
])('takes cron %s', (cron) => {
  expect(withSchedules({ ...nightly, cron })).not.toThrow();
});

test.each([
  ['0 3 * * *', 'six fields'],
  ['0 3 * * * *', 'exactly one'],
  ['0 3 ? * ? *', 'exactly one'],
  ['60 3 * * ? *', '"60" is no minutes'],
  ['0 24 * * ? *', '"24" is no hours'],
  ['0 3 32 * ? *', '"32" is no day of month'],
  ['0 3 * 13 ? *', '"13" is no month'],
  ['0 3 ? * MOON *', '"MOON" is no day of week'],
  ['0 3 ? * 5-2 *', '"5-2" is no day of week'],
  ['0 3 * * ? 1969', '"1969" is no year'],
  ['0/0 3 * * ? *', '"0/0" is no minutes'],
  ['0, 3 * * ? *', '"0," is no minutes'],
  ['0 3 * * ? *)', '"*)" is no year'],
])('refuses cron %s', (cron, why) => {
  expect(withSchedules({ ...nightly, cron })).toThrow(
    expect.objectContaining({
      message: expect.stringMatching(/schedules\.0\.cron: schedule nightly-drift: /),
    }),
  );
  expect(withSchedules({ ...nightly, cron })).toThrow(why);
});

test.each(['0 hours', '1 hours', '2 hour', '5 seconds', '-1 days', '10000 days', ''])(
  'refuses rate %p',
  (rate) => {
    const { cron: _, ...rest } = nightly;
    expect(withSchedules({ ...rest, rate })).toThrow('schedule nightly-drift: rate: write it as');
  },
);

test('a schedule says once when it starts', () => {
  const { cron: _, ...never } = nightly;
  for (const wrong of [never, { ...nightly, rate: '1 hour' }])
    expect(withSchedules(wrong)).toThrow('either cron or rate');
});

test.each([
  [
    'an input that its workflow refuses',
    { input: { workspace: '../shop' } },
    'schedule nightly-drift: The input does not fit. workspace:',
  ],
  [
    'a field that its workflow has not',
    { input: { workspace: 'acme/shop', modul: 'vm' } },
    'schedule nightly-drift: The input does not fit.',
  ],
  [
    'a name that no workflow can have',
    { workflow: '../drift-check' },
    'schedule nightly-drift: The workflow names itself by no name',
  ],
  [
    'a chosen requester',
    { input: { workspace: 'acme/shop', requestedBy: 'alex' } },
    'requestedBy cannot be chosen',
  ],
  ['a time zone that is none', { timezone: 'Europe/Atlantis' }, 'no such time zone'],
  ['an offset for a time zone', { timezone: '+02:00' }, 'no such time zone'],
  ['an id that is too long for the ids of its runs', { id: 'n'.repeat(28) }, '27 at most'],
])('refuses %s', (_, change, why) => {
  expect(withSchedules({ ...nightly, ...change })).toThrow(why);
});

test('a workflow that has no contract of its own is held to the general one', () => {
  const scheduled = (input: object) => withSchedules({ ...nightly, workflow: 'rotate-certificates', input });
  const input = { workspace: 'acme/shop', reason: 'Weekly' };
  expect(scheduled(input)).not.toThrow();
  expect(scheduled({ ...input, role: 'no-such-role' })).toThrow('no-such-role');
  expect(scheduled({ ...input, scale: 2 })).toThrow('The input does not fit.');
});

test('refuses an id that stands there twice', () => {
  expect(withSchedules(nightly, { ...nightly, cron: '0 4 * * ? *' })).toThrow('an id stands here twice');
});

test('caps of tenants are whole and positive', () => {
  const capped = (concurrency: object) => () =>
    environment('poc', (input) => ({ ...input, concurrency: concurrency as never })).concurrency;
  expect(capped({})()).toEqual({ tenants: {} });
  expect(capped({ default: 5, tenants: { acme: 2 } })()).toEqual({ default: 5, tenants: { acme: 2 } });
  for (const wrong of [{ default: 0 }, { tenants: { acme: 1.5 } }, { tenants: { '../a': 1 } }])
    expect(capped(wrong)).toThrow('concurrency.');
});
