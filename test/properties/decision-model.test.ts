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
  tends,
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
  jest.spyOn(logger, 'warn').mockImplementation(() => {});
});

/** Deeper, and with more faults, than every build: `MODEL_DEPTH=40 MODEL_FAULTS=2`. */
const { MODEL_DEPTH, MODEL_FAULTS = '0' } = process.env;
const extraFaults = Number(MODEL_FAULTS);
/** No order of any scene is as long. */
const unlimited = 100;

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
  tends,
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
  {
    faults = 0,
    depth = unlimited,
    ports = {},
  }: { faults?: number; depth?: number; ports?: Readonly<Record<string, Effect>> } = {},
): Promise<Explored> => {
  const model = { actors, ports: { ...honestPorts, ...ports } };
  return explore(
    { ...model, cast, world, faults, wrong, wrongAfterRepair: makeWrongAfterRepair(model) },
    { depth, most: 5_000_000 },
  );
};

const dueNow = { ...askedFor(1), tending: '1', dueAt: askedFor(1).createdAt } as const;

/**
 * What each is about, where it begins, who acts; how many calls may go wrong, and how many steps every build tries where
 * all would take too long.
 */
const scenes: [name: string, World, readonly string[], { faults?: number; depth?: number }?][] = [
  ['two people disagree', worldWith(askedFor(1)), ['alex approves', 'kim rejects', 'nudged']],
  ['somebody answers twice', worldWith(askedFor(1)), ['alex approves', 'alex rejects', 'alex approves']],
  ['two must approve', worldWith(askedFor(2)), ['alex approves', 'kim approves', 'sweeps']],
  ['two must approve, and one rejects', worldWith(askedFor(2)), ['alex approves', 'kim rejects', 'sweeps']],
  ['calls go wrong', worldWith(askedFor(1)), ['alex approves', 'nudged'], { faults: 1 }],
  [
    'callbacks are sent again',
    worldWith(askedFor(1)),
    ['alex approves', 'nudged', 'sweeps', 'sweeps', 'goes on'],
  ],
  [
    'time runs out',
    worldWith(askedFor(1)),
    ['alex approves', 'nudged', 'time passes', 'times out', 'closes again'],
  ],
  ['the run is stopped', worldWith(askedFor(1)), ['alex approves', 'nudged', 'is stopped', 'reconciles']],
  [
    'a newer change is bound',
    worldWith(askedFor(1)),
    ['alex approves', 'nudged', 'is planned again', 'goes on'],
  ],
  ['it expires by rule', worldWith(dueNow), ['time passes', 'tends', 'times out', 'sweeps']],
  ['its run ends', worldWith(dueNow), ['tends', 'is stopped', 'reconciles']],
  ['an answer comes while it expires', worldWith(dueNow), ['alex approves', 'time passes', 'tends']],
  ['people are asked again', worldWith(null), ['asks', 'asks again', 'alex approves'], { depth: 15 }],
];

const tried = { states: 0, steps: 0, depth: 0 };
afterAll(() => {
  process.stdout.write(
    `decision model: ${tried.states} states, ${tried.steps} steps, orders of up to ${tried.depth} steps\n`,
  );
});

test.each(scenes)('%s: whatever the order, one outcome', async (_, world, cast, limits = {}) => {
  const depth = Number(MODEL_DEPTH ?? limits.depth ?? unlimited);
  const { violation, ...explored } = await check(world, cast, {
    depth,
    faults: (limits.faults ?? 0) + extraFaults,
  });
  expect(violation && [...violation.wrong, ...violation.way].join('\n')).toBeUndefined();
  // Without a limit, every order is tried to its end.
  expect(explored.whole || depth < unlimited).toBe(true);
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
    'every try to deliver looks like the first',
    worldWith(askedFor(1)),
    ['alex approves', 'nudged', 'sweeps'],
    /undeliverable what the run was told/,
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
