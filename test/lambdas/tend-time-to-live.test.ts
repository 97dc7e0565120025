import fc from 'fast-check';
import { endOf, newTimeToLive } from '../../lambdas/shared/time-to-live';
import type { AppliedContent } from '../../lambdas/shared/workspace-record';
import { makeTendTimeToLive } from '../../lambdas/tend-time-to-live/tend-time-to-live';
import { inMemoryWorkspaceStore } from '../support/in-memory-workspace-store';
import { recordingLedger } from '../support/recording-ledger';

const workspace = 'demo/web-01';
const endsAt = '2026-02-01T00:00:00.000Z';
const before = (hours: number): Date => new Date(Date.parse(endsAt) - hours * 3_600_000);
const applied = { at: '2026-01-01T00:00:00.000Z' } as AppliedContent;

const prepare = () => {
  const workspaces = inMemoryWorkspaceStore();
  workspaces.workspaces.set(workspace, {
    workspace,
    applied,
    timeToLive: newTimeToLive(endsAt, before(744)),
  });
  const ledger = recordingLedger();
  const mails: string[] = [];
  const started = new Map<string, unknown>();
  const state = { now: before(744), mailFails: false, startFails: false };
  const tend = makeTendTimeToLive({
    workspaces,
    ledger,
    topicArn: 'arn:news',
    sendMail: async ({ subject }) => {
      if (state.mailFails) throw new Error('no mail');
      mails.push(subject);
      return 'id';
    },
    decommission: async (runId, input) => {
      if (state.startFails) throw new Error('no start');
      started.set(runId, input);
    },
    now: () => state.now,
  });
  const at = async (now: Date) => {
    state.now = now;
    return tend();
  };
  return { workspaces, ledger, mails, started, state, at };
};

test('warns a week, a day and an hour before, each once, and then starts the decommission once', async () => {
  const { ledger, mails, started, at } = prepare();
  for (const hours of [700, 168, 167, 100, 24, 23, 2, 1, 0.5, 0, -1, -100]) await at(before(hours));
  expect(mails).toEqual([
    'demo/web-01 ends in 7 days',
    'demo/web-01 ends in 1 day',
    'demo/web-01 ends in 1 hour',
  ]);
  expect([...started.values()]).toEqual([
    {
      workspace,
      reason: `Its time to live was over at ${endsAt}`,
      requestedBy: 'schedule:time-to-live',
      whenBusy: 'wait',
    },
  ]);
  expect(ledger.events.map(({ type }) => type)).toEqual([
    ...Array(3).fill('time-to-live.warned'),
    'time-to-live.ended',
  ]);
});

test('after missed sweeps people get the last warning alone', async () => {
  const { mails, at } = prepare();
  await at(before(0.5));
  expect(mails).toEqual(['demo/web-01 ends in 1 hour']);
});

test('a clock that jumps back repeats no warning and takes back no start', async () => {
  const { mails, started, at } = prepare();
  for (const hours of [24, 200, 24, 0, 300, 24]) await at(before(hours));
  expect(mails).toHaveLength(1);
  expect(started.size).toBe(1);
});

test('a mail that fails is sent by a later sweep', async () => {
  const { mails, state, at } = prepare();
  state.mailFails = true;
  expect(await at(before(100))).toEqual({ warned: [], ended: [], failed: [workspace] });
  state.mailFails = false;
  expect(await at(before(99))).toMatchObject({ warned: [workspace] });
  expect(mails).toEqual(['demo/web-01 ends in 7 days']);
});

test('a start that fails is made by a later sweep, under the same name', async () => {
  const { started, state, workspaces, at } = prepare();
  state.startFails = true;
  expect(await at(before(0))).toMatchObject({ failed: [workspace] });
  state.startFails = false;
  await at(before(-1));
  expect(workspaces.workspaces.get(workspace)?.timeToLive?.endedBy).toBe([...started.keys()][0]);
});

test.each(['destroyed', 'extended'])(
  'a workspace that was %s since it was listed is left alone',
  async (what) => {
    const { workspaces, mails, started, at } = prepare();
    const listed = await workspaces.listTimed();
    workspaces.listTimed = async () => listed;
    if (what === 'destroyed') await workspaces.clearApplied(workspace, '2026-01-31T00:00:00.000Z');
    else await workspaces.setTimeToLive(workspace, newTimeToLive('2027-02-01T00:00:00.000Z', before(1)));
    await at(before(1));
    await at(before(0));
    expect([mails, started.size]).toEqual([[], 0]);
  },
);

test('a longer time to live begins its warnings anew; the same one does not', async () => {
  const { workspaces, mails, at } = prepare();
  await at(before(24));
  await workspaces.setTimeToLive(workspace, newTimeToLive(endsAt, before(24)));
  await at(before(24));
  expect(mails).toHaveLength(1);
  const later = '2026-03-01T00:00:00.000Z';
  await workspaces.setTimeToLive(workspace, newTimeToLive(later, before(24)));
  await at(new Date('2026-02-28T12:00:00.000Z'));
  expect(mails).toHaveLength(2);
});

test('of what is short from the start nobody is warned at once', async () => {
  const { workspaces, mails, at } = prepare();
  workspaces.workspaces.set(workspace, { workspace, applied, timeToLive: newTimeToLive(endsAt, before(20)) });
  await at(before(19));
  expect(mails).toEqual([]);
  await at(before(1));
  expect(mails).toEqual(['demo/web-01 ends in 1 hour']);
});

test('whenever sweeps run: at most three warnings, one start, and none before the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: -50, max: 800 }), { maxLength: 30 }), async (hours) => {
      const { mails, started, at } = prepare();
      for (const one of hours) await at(before(one));
      expect(new Set(mails).size).toBe(mails.length);
      expect(started.size).toBe(hours.some((one) => one <= 0) ? 1 : 0);
    }),
  );
});

test('a workspace ends with its last host, and never when one has no end', () => {
  const host = (expiresAt: string | null) => ({ expiresAt });
  expect(endOf([host('2026-01-02T00:00:00Z'), host('2026-01-03T00:00:00Z')])).toBe(
    '2026-01-03T00:00:00.000Z',
  );
  expect(endOf([host('2026-01-02T00:00:00Z'), host(null)])).toBeNull();
  expect(endOf([host('soon')])).toBeNull();
  expect(endOf([])).toBeNull();
});
