import { setDelegationInput } from '../../lambdas/set-delegation/contract';
import { makeSetDelegation } from '../../lambdas/set-delegation/set-delegation';
import { type DelegationRecord, type DelegationStore, lasts } from '../../lambdas/shared/delegation-store';
import { recordingLedger } from '../support/recording-ledger';

const people = ['alex', 'sam', 'kim'].map((id) => ({ id, groups: ['approver'] }));
const inMemory = (): DelegationStore => {
  const all = new Map<string, DelegationRecord>();
  const lastsAt = (from: string, at: string): boolean => {
    const known = all.get(from);
    return known !== undefined && lasts(known, new Date(at));
  };
  return {
    list: async () => [...all.values()],
    make: async (one) => !lastsAt(one.from, one.madeAt) && all.set(one.from, one) !== undefined,
    end: async (from, endedAt) => {
      const known = all.get(from);
      if (!known || !lastsAt(from, endedAt)) return false;
      all.set(from, { ...known, endedAt });
      return true;
    },
  };
};
const prepare = (rules: { delegation?: { atMostDays: number } } = { delegation: { atMostDays: 14 } }) => {
  const ledger = recordingLedger();
  const delegations = inMemory();
  let now = new Date('2026-11-21T09:00:00Z');
  const set = makeSetDelegation({ delegations, ledger, rules, people, now: () => now });
  return {
    ledger,
    at: (time: string) => {
      now = new Date(time);
    },
    make: (over: object = {}) =>
      set(
        setDelegationInput.parse({
          action: 'make',
          from: 'alex',
          to: 'sam',
          until: '2026-12-01T00:00:00Z',
          reason: 'holiday',
          by: 'root',
          ...over,
        }),
      ),
    end: () => set({ action: 'end', from: 'alex', by: 'root' }),
  };
};

test('is recorded when it is made and when it is ended', async () => {
  const it = prepare();
  expect(await it.make()).toMatchObject({ from: 'alex', to: 'sam', until: '2026-12-01T00:00:00.000Z' });
  it.at('2026-11-25T09:00:00Z');
  expect(await it.end()).toMatchObject({ endedAt: '2026-11-25T09:00:00.000Z' });
  expect(it.ledger.events).toMatchObject([
    {
      tenant: 'all',
      type: 'delegation.made',
      actor: 'unverified:person:root',
      data: { from: 'person:alex', delegate: 'person:sam' },
    },
    { tenant: 'all', type: 'delegation.ended', at: '2026-11-25T09:00:00.000Z' },
  ]);
});

test('the same request twice is one entry, and so is its end', async () => {
  const it = prepare();
  await it.make();
  it.at('2026-11-21T10:00:00Z');
  await it.make();
  await it.end();
  it.at('2026-11-21T11:00:00Z');
  await it.end();
  expect(new Set(it.ledger.events.map(({ id }) => id)).size).toBe(2);
});

test('another one while it lasts is refused, and allowed afterwards', async () => {
  const it = prepare();
  await it.make();
  await expect(it.make({ to: 'kim' })).rejects.toThrow(
    'alex already lets sam answer until 2026-12-01T00:00:00.000Z. End that first.',
  );
  it.at('2026-12-01T00:00:00Z');
  expect(await it.make({ to: 'kim', until: '2026-12-02T00:00:00Z' })).toMatchObject({ to: 'kim' });
});

test.each<[string, object, string]>([
  ['to oneself', { to: 'alex' }, 'name somebody else'],
  ['to a stranger', { to: 'eve' }, 'eve is no approver'],
  ['of a stranger', { from: 'eve' }, 'eve is no approver'],
  ['until yesterday', { until: '2026-11-20T00:00:00Z' }, 'the end lies in the past'],
  ['for too long', { until: '2026-12-06T00:00:00Z' }, 'it may last 14 days, until 2026-12-05T09:00:00.000Z'],
])('refuses one %s', async (_, over, message) => {
  const it = prepare();
  await expect(it.make(over)).rejects.toMatchObject({
    name: 'InvalidInputError',
    message: expect.stringContaining(message),
  });
  expect(it.ledger.events).toEqual([]);
});

test('refuses any where no rule lets people delegate', async () => {
  await expect(prepare({}).make()).rejects.toThrow('no rule lets anybody delegate');
});

test('refuses to end what is not there', async () => {
  await expect(prepare().end()).rejects.toThrow('alex lets nobody answer for them');
});
