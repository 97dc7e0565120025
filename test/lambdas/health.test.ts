import fc from 'fast-check';
import { type Check, makeHealth } from '../../lambdas/health/health';
import { topicCheck } from '../../lambdas/health/topic-check';

const well: Check = { name: 'runs table', essential: true, run: async () => undefined };
const warned: Check = { name: 'topic news', essential: false, run: async () => 'nobody is subscribed' };
const failing = (essential: boolean): Check => ({
  name: 'key',
  essential,
  run: () => Promise.reject(Object.assign(new Error('arn:aws:kms:secret'), { name: 'KeyDisabled' })),
});
const hanging = (essential: boolean, signals: AbortSignal[] = []): Check => ({
  name: 'bucket',
  essential,
  run: (signal) => {
    signals.push(signal);
    return new Promise(() => undefined);
  },
});

const ask = async (checks: readonly Check[], query: Record<string, string> = { deep: '1' }) => {
  const health = makeHealth({
    version: '1.2.3',
    commit: 'abc1234',
    checks,
    budgetMs: 30,
    now: () => new Date('2026-01-01T00:00:00Z'),
  });
  const response = await health({ query });
  return { ...response, json: JSON.parse(response.body) };
};

test('says version and commit without asking any dependency', async () => {
  const { status, json, headers } = await ask([failing(true)], {});
  expect(status).toBe(200);
  expect(json).toEqual({
    status: 'ok',
    version: '1.2.3',
    commit: 'abc1234',
    time: '2026-01-01T00:00:00.000Z',
  });
  expect(headers).toEqual({ 'Content-Type': 'application/json; charset=utf-8' });
});

test('only deep=1 is deep', async () => {
  expect((await ask([failing(true)], { deep: 'yes' })).status).toBe(200);
});

test('tells every dependency with its latency', async () => {
  const { status, json } = await ask([well, { ...well, name: 'state machine' }]);
  expect(status).toBe(200);
  expect(json).toMatchObject({ status: 'ok', version: '1.2.3', commit: 'abc1234' });
  expect(json.checks).toEqual([
    { name: 'runs table', status: 'ok', latencyMs: expect.any(Number) },
    { name: 'state machine', status: 'ok', latencyMs: expect.any(Number) },
  ]);
});

test('is 503 when something essential is down, and tells the error by its name alone', async () => {
  const { status, json, body } = await ask([well, failing(true)]);
  expect(status).toBe(503);
  expect(json.status).toBe('down');
  expect(json.checks[1]).toMatchObject({ name: 'key', status: 'down', detail: 'KeyDisabled' });
  expect(body).not.toContain('arn:aws');
});

test('is 503 when something essential does not answer in time, and gives its call up', async () => {
  const signals: AbortSignal[] = [];
  const { status, json } = await ask([hanging(true, signals), well]);
  expect(status).toBe(503);
  expect(json.checks.map((check: { status: string }) => check.status)).toEqual(['timeout', 'ok']);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
});

test.each([
  ['a warning', warned, 'warning'],
  ['something down that runs go on without', failing(false), 'down'],
  ['something late that runs go on without', hanging(false), 'timeout'],
])('is degraded, not down, with %s', async (_, check, told) => {
  const { status, json } = await ask([well, check]);
  expect(status).toBe(200);
  expect(json.status).toBe('degraded');
  expect(json.checks[1].status).toBe(told);
});

test('all checks run at once, so that the answer takes one budget at most', async () => {
  const start = performance.now();
  await ask(Array.from({ length: 20 }, () => hanging(true)));
  expect(performance.now() - start).toBeLessThan(20 * 30);
});

test('is down exactly when an essential check is bad', async () => {
  const kinds = [well, warned, failing(true), failing(false), hanging(true), hanging(false)];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...kinds), { maxLength: 6 }), async (checks) => {
      const bad = checks.some(({ essential, name }) => essential && (name === 'key' || name === 'bucket'));
      expect((await ask(checks)).status).toBe(bad ? 503 : 200);
    }),
    { numRuns: 30 },
  );
});

test.each([
  [1, { confirmed: 1, pending: 0 }, undefined],
  [1, { confirmed: 0, pending: 1 }, '0 of 1 subscription confirmed; 1 not confirmed; who is missing'],
  [1, { confirmed: 0, pending: 0 }, '0 of 1 subscription confirmed; 1 gone; who is missing'],
  [
    3,
    { confirmed: 1, pending: 1 },
    '1 of 3 subscriptions confirmed; 1 not confirmed; 1 gone; who is missing',
  ],
])('a topic for %i with %o', async (people, counted, told) => {
  const check = topicCheck({ arn: 'arn:aws:sns:eu-central-1:1:News', people }, async () => counted);
  expect(check).toMatchObject({ name: 'topic News', essential: false });
  expect(await check.run(new AbortController().signal)).toEqual(told && expect.stringContaining(told));
});
