import { logger } from '../../lambdas/shared/logger';
import {
  type Actor,
  answers,
  asks,
  asksUntilAsked,
  closesAgain,
  goesOn,
  isReplanned,
  isStopped,
  nudged,
  reconciles,
  sweeps,
  timePasses,
  timesOut,
} from '../support/decision-model/actors';
import { type Explored, explore } from '../support/decision-model/explore';
import { faultyPorts } from '../support/decision-model/faulty-ports';
import { makeWrongAfterRepair, wrong } from '../support/decision-model/promises';
import {
  alex,
  askedFor,
  type Effect,
  honestPorts,
  kim,
  type World,
  worldWith,
} from '../support/decision-model/world';

jest.setTimeout(600_000);
beforeAll(() => {
  jest.spyOn(logger, 'error').mockImplementation(() => {});
});

/** More steps and more faults than every build tries: `MODEL_DEPTH=40 MODEL_FAULTS=2`. */
const depth = Number(process.env.MODEL_DEPTH ?? 100);
const extraFaults = Number(process.env.MODEL_FAULTS ?? 0);

const actors: Readonly<Record<string, Actor>> = {
  'alex approves': answers(alex, 'approve'),
  'alex rejects': answers(alex, 'reject'),
  'kim approves': answers(kim, 'approve'),
  'kim rejects': answers(kim, 'reject'),
  asks: asks('token-1', 0),
  'asks again': asks('token-2', 1),
  'asks until asked': asksUntilAsked,
  nudged,
  sweeps,
  'time passes': timePasses,
  'times out': timesOut,
  'closes again': closesAgain,
  'is stopped': isStopped,
  reconciles,
  'is planned again': isReplanned,
  'goes on': goesOn,
};

const check = (
  world: World,
  cast: readonly string[],
  { faults = 0, ports = {} }: { faults?: number; ports?: Readonly<Record<string, Effect>> } = {},
): Promise<Explored> => {
  const model = { actors, ports: { ...honestPorts, ...ports } };
  return explore(
    { ...model, cast, world, faults, wrong, wrongAfterRepair: makeWrongAfterRepair(model) },
    { depth, most: 5_000_000 },
  );
};

/** What each is about, where it begins, who acts, and how many calls may go wrong. */
const scenes: [name: string, World, readonly string[], faults: number][] = [
  ['two people disagree', worldWith(askedFor(1)), ['alex approves', 'kim rejects', 'nudged'], 0],
  ['somebody answers twice', worldWith(askedFor(1)), ['alex approves', 'alex rejects', 'alex approves'], 0],
  ['two must approve', worldWith(askedFor(2)), ['alex approves', 'kim approves', 'sweeps'], 0],
  [
    'two must approve, and one rejects',
    worldWith(askedFor(2)),
    ['alex approves', 'kim rejects', 'sweeps'],
    0,
  ],
  ['calls go wrong', worldWith(askedFor(1)), ['alex approves', 'nudged'], 1],
  [
    'callbacks are sent again',
    worldWith(askedFor(1)),
    ['alex approves', 'nudged', 'sweeps', 'sweeps', 'goes on'],
    0,
  ],
  [
    'time runs out',
    worldWith(askedFor(1)),
    ['alex approves', 'nudged', 'time passes', 'times out', 'closes again'],
    0,
  ],
  ['the run is stopped', worldWith(askedFor(1)), ['alex approves', 'nudged', 'is stopped', 'reconciles'], 0],
  [
    'a newer change is bound',
    worldWith(askedFor(1)),
    ['alex approves', 'nudged', 'is planned again', 'goes on'],
    0,
  ],
  ['people are asked again', worldWith(null), ['asks', 'asks again', 'alex approves'], 0],
];

const tried = { states: 0, steps: 0, depth: 0 };
afterAll(() => {
  process.stdout.write(
    `decision model: ${tried.states} states, ${tried.steps} steps, orders of up to ${tried.depth} steps\n`,
  );
});

test.each(scenes)('%s: whatever the order, one outcome', async (_, world, cast, faults) => {
  const { violation, ...explored } = await check(world, cast, { faults: faults + extraFaults });
  expect(violation && [...violation.wrong, ...violation.way].join('\n')).toBeUndefined();
  // Without a limit, every order is tried to its end.
  expect(explored.whole || depth < 100).toBe(true);
  tried.states += explored.states;
  tried.steps += explored.steps;
  tried.depth = Math.max(tried.depth, explored.depth);
});

const bothApprove = ['alex approves', 'kim approves'];
const found: [fault: keyof typeof faultyPorts, World, readonly string[], RegExp][] = [
  ['an answer is added whoever answered meanwhile', worldWith(askedFor(2)), bothApprove, /still pending/],
  ['one approval is enough', worldWith(askedFor(2)), ['alex approves', 'sweeps'], /do not approve it/],
  [
    'an answer is taken after the end',
    worldWith(askedFor(1)),
    ['alex approves', 'kim rejects'],
    /what had ended changed/,
  ],
  [
    'what was decided is closed',
    worldWith(askedFor(1)),
    ['alex approves', 'time passes', 'times out'],
    /what had ended changed/,
  ],
  [
    'the outbox forgets a callback of another token',
    worldWith(askedFor(1)),
    ['alex approves', 'nudged', 'asks again'],
    /still waits for an answer/,
  ],
  [
    'a new token is not sent the answer that was there before it',
    worldWith(askedFor(1)),
    ['alex approves', 'nudged', 'asks again'],
    /still waits for an answer/,
  ],
  [
    'a late attempt takes the token of the one after it',
    worldWith(null),
    ['asks', 'asks again', 'alex approves'],
    /still waits for an answer/,
  ],
  ['the ledger loses what it is told', worldWith(askedFor(1)), ['alex rejects'], /the ledger has 0 ends/],
  [
    'nobody remembers the newest change',
    worldWith(askedFor(1)),
    ['alex approves', 'sweeps', 'is planned again', 'goes on'],
    /a newer one had voided/,
  ],
];

test.each(found)('the model finds it when %s', async (fault, world, cast, wrongly) => {
  const { violation } = await check(world, cast, { ports: faultyPorts[fault] });
  expect(violation?.wrong.join('\n')).toMatch(wrongly);
});

test('every fault is tried', () => {
  expect(found.map(([fault]) => fault).toSorted()).toEqual(Object.keys(faultyPorts).toSorted());
});
