import fc from 'fast-check';
import { makeRandom } from '../../scripts/faults/random';
import type { Effect, StoredState } from '../../scripts/faults/state-history';
import {
  emptyHistory,
  type History,
  learn,
  type Traces,
  violationsOf,
} from '../../scripts/faults/workspace-history';

const effect = (key: string, revision: number, id = `${key}-${revision}`): Effect => ({ key, revision, id });
const both = (revision: number): Effect[] => [effect('first', revision), effect('second', revision)];
const state = (serial: number, effects: readonly Effect[], lineage = 'one'): StoredState => ({
  versionId: `v${serial}`,
  serial,
  lineage,
  effects,
});

/** A run that went well: it applied revision 2 where revision 1 was. */
const good: Traces = {
  revision: 2,
  wantedHosts: 1,
  decision: 'approve',
  happened: [],
  ended: 'SUCCEEDED',
  recorded: { status: 'ended', outcome: 'applied', error: undefined },
  givenBack: true,
  authorized: true,
  states: [state(2, both(2))],
  historyLost: false,
  created: both(2),
  hosts: 1,
  lockLeft: false,
  stillLocked: false,
  stillRescued: false,
};
const before: History = {
  version: 'v1',
  serial: 1,
  lineage: 'one',
  effects: both(1),
  created: new Map([
    ['first of revision 1', 'first-1'],
    ['second of revision 1', 'second-1'],
  ]),
};
const failed = { status: 'ended', outcome: 'failed', error: { name: 'RunStoppedError' } } as const;
const stop = { kind: 'stop', afterMs: 1 } as const;
const kill = {
  kind: 'kill',
  at: { step: 'terraform-apply', call: 3 },
  signal: 'SIGKILL',
  afterMs: 0,
} as const;

describe('what may be', () => {
  test.each<[string, Partial<Traces>]>([
    ['a run that went well', {}],
    [
      'an interrupted apply that stored its state several times',
      {
        happened: [stop],
        ended: 'ABORTED',
        recorded: failed,
        states: [state(2, []), state(3, [effect('first', 2)])],
        created: [effect('first', 2)],
      },
    ],
    ['a state that was stored twice', { states: [state(2, both(2)), state(2, both(2))] }],
    [
      'an apply that died before it stored anything',
      { happened: [kill], ended: 'FAILED', recorded: failed, states: [], created: [], lockLeft: true },
    ],
    [
      'a rejection',
      {
        decision: 'reject',
        recorded: { ...failed, outcome: 'rejected' },
        authorized: false,
        states: [],
        created: [],
      },
    ],
    [
      'an interrupted plan that stored the state as it was',
      {
        happened: [stop],
        ended: 'ABORTED',
        recorded: failed,
        authorized: false,
        states: [state(1, both(1))],
        created: [],
      },
    ],
    [
      'a run that was stopped before it began',
      { happened: [stop], recorded: undefined, authorized: false, states: [], created: [] },
    ],
  ])('%s', (_, more) => {
    expect(violationsOf(before, { ...good, ...more })).toEqual([]);
  });

  test('what an interrupted run made, the next one keeps, and makes the rest', () => {
    const interrupted: Traces = {
      ...good,
      happened: [stop],
      recorded: failed,
      states: [state(2, [effect('first', 2)])],
      created: [effect('first', 2)],
    };
    const next: Traces = { ...good, states: [state(3, both(2))], created: [effect('second', 2)] };
    expect(violationsOf(learn(before, interrupted), next)).toEqual([]);
  });
});

describe('what must not be is told', () => {
  const nothingDone = { states: [], created: [] };
  test.each<[string, Partial<Traces>, string]>([
    ['a run that never ends', { ended: 'never' }, 'it did not end'],
    ['a record that stays open', { recorded: { ...failed, status: 'running' } }, 'it is recorded as running'],
    ['no record', { recorded: undefined }, 'no record of it exists'],
    ['a lease that stays', { givenBack: false }, 'its workspace was not given back'],
    [
      'an end that is told in two ways',
      { recorded: failed, happened: [stop] },
      'its execution succeeded, and it is recorded as failed',
    ],
    [
      'a run that fails for nothing',
      { ended: 'FAILED', recorded: failed },
      'nothing but what repetition mends happened to it, and it is failed: {"name":"RunStoppedError"}',
    ],
    [
      'a change applied twice, the second over the first',
      { states: [state(2, both(2)), state(3, [effect('first', 2, 'again'), effect('second', 2)])] },
      'applied twice: first of revision 2 was created as first-2 and as again',
    ],
    [
      'an effect that only a log knows',
      { created: [...both(2), effect('first', 2, 'orphan')] },
      'applied twice: first of revision 2 was created as first-2 and as orphan',
    ],
    [
      'a state that was never stored',
      { happened: [{ kind: 'refuse-state' }], recorded: failed, states: [] },
      'lost: first of revision 2 was created as first-2, and the state does not know it',
    ],
    [
      'a state that forgets',
      { ...nothingDone, states: [state(2, [effect('first', 1)])], authorized: false, recorded: failed },
      'lost: second of revision 1 was created as second-1, and the state does not know it',
    ],
    [
      'a state that goes back',
      { states: [state(2, both(2)), state(1, both(1))] },
      'the state went back from 2 to 1',
    ],
    [
      'two writers of one serial',
      { states: [state(2, both(2)), state(2, [effect('first', 2)])] },
      'two states have serial 2',
    ],
    [
      'a state that begins anew',
      { states: [state(2, both(2), 'two')] },
      'the state began anew: its lineage is another',
    ],
    ['versions that are gone', { historyLost: true }, 'versions of the state were removed'],
    ['a change that nobody allowed', { authorized: false }, 'state 2 differs, and nothing authorized that'],
    ['a rejection that is applied', { decision: 'reject' }, 'it was rejected, and applied'],
    [
      'a success with half of its effects',
      { states: [state(2, [effect('first', 2)])], created: [effect('first', 2)] },
      'applied, but the state holds [{"key":"first","revision":2,"id":"first-2"}]',
    ],
    ['a success without its host', { hosts: 0 }, 'applied, and 0 hosts answer'],
    [
      'a lock that nobody had a reason to leave',
      { lockLeft: true },
      'a lock was left, and nothing ended its holder',
    ],
    [
      'a lock that the doctor leaves',
      { happened: [kill], stillLocked: true },
      'a lock is left, and the lock doctor did not release it',
    ],
    [
      'a rescued state that the doctor leaves',
      { stillRescued: true },
      'a rescued state is left, and the lock doctor did not restore it',
    ],
  ])('%s', (_, more, expected) => {
    expect(violationsOf(before, { ...good, ...more })).toContain(expected);
  });

  test('an effect that is made again by a later run', () => {
    const interrupted: Traces = {
      ...good,
      happened: [stop],
      recorded: failed,
      states: [state(2, [])],
      created: [effect('first', 2)],
    };
    const again: Traces = {
      ...good,
      states: [state(3, [effect('first', 2, 'again'), effect('second', 2)])],
      created: [],
    };
    expect(violationsOf(before, interrupted)).not.toEqual([]);
    expect(violationsOf(learn(before, interrupted), again)).toContain(
      'applied twice: first of revision 2 was created as first-2 and as again',
    );
  });
});

describe('an engine in small', () => {
  type Bug = 'none' | 'applies again' | 'loses the state' | 'applies unasked' | 'writes an old state';
  const run = (history: History, revision: number, bug: Bug): Traces => {
    const serial = history.serial + 1;
    const made = both(revision);
    const again = made.map(({ key }) => effect(key, revision, `${key}-${revision}-again`));
    const whole = { ...good, revision, states: [state(serial, made)], created: made };
    switch (bug) {
      case 'none':
        return whole;
      case 'applies again':
        return { ...whole, states: [...whole.states, state(serial + 1, again)], created: again };
      case 'loses the state':
        return { ...whole, states: [] };
      case 'applies unasked':
        return { ...whole, authorized: false };
      case 'writes an old state':
        return { ...whole, states: [...whole.states, state(history.serial, history.effects)] };
    }
  };

  /** A hundred runs on one workspace, one of which has the bug. */
  const violationsWith = (seed: string, bug: Bug): string[] => {
    const buggy = 1 + makeRandom(seed).below(99);
    let history = emptyHistory;
    const violations: string[] = [];
    for (let n = 0; n < 100; n++) {
      const traces = run(history, n + 1, n === buggy ? bug : 'none');
      violations.push(...violationsOf(history, traces));
      history = learn(history, traces);
    }
    return violations;
  };

  test('without a bug has no violation', () => {
    expect(violationsWith('any', 'none')).toEqual([]);
  });
  test.each<Bug>(['applies again', 'loses the state', 'applies unasked', 'writes an old state'])(
    'that %s is found out, wherever in a long history it does',
    (bug) => {
      fc.assert(
        fc.property(fc.string(), (seed) => {
          expect(violationsWith(seed, bug)).not.toEqual([]);
        }),
        { numRuns: 20 },
      );
    },
  );
});
