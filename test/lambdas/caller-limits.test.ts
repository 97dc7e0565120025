import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { tooManyPage } from '../../lambdas/approval-pages/too-many-page';
import { callersOf, makeLimitCallers, networkOf } from '../../lambdas/shared/caller-limits';
import { type HttpRequest, type ProxyEvent, readRequest } from '../../lambdas/shared/http';

const start = new Date('2026-11-21T09:01:00.000Z');
const key = (letter: string): string => letter.repeat(43);

const aRequest = (from: string | undefined, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'POST',
  pathId: 'run-1-dddddddd',
  query: {},
  headers: {},
  body: Buffer.from(''),
  sourceAddress: from,
  ...more,
});
const formWith = (text: string): Partial<HttpRequest> => ({
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: Buffer.from(text),
});

/** The table as far as counting needs it, with the condition of the write. */
const arrange = (most = 3, fails = false) => {
  const calls = new Map<string, number>();
  let now = start;
  let served = 0;
  const send = async ({ input }: UpdateCommand) => {
    if (fails) throw new Error('no table');
    const id = String(input.Key?.id);
    const before = calls.get(id) ?? 0;
    if (before >= Number(input.ExpressionAttributeValues?.[':most']))
      throw new ConditionalCheckFailedException({ $metadata: {}, message: 'too many' });
    calls.set(id, before + 1);
    return {};
  };
  const limit = makeLimitCallers({ client: { send } as never, table: 'limits', most, now: () => now });
  const serve = async () => {
    served += 1;
    return { status: 200, headers: {}, body: '' };
  };
  return {
    calls,
    served: () => served,
    answer: limit({ route: 'answers', tooMany: tooManyPage }, serve),
    strict: limit(
      { route: 'slack', tooMany: tooManyPage, uncounted: () => ({ status: 503, headers: {}, body: '' }) },
      serve,
    ),
    wait: (seconds: number) => {
      now = new Date(now.getTime() + seconds * 1000);
    },
  };
};

test('a network that comes too often is told when to come again, and is served then', async () => {
  const { answer, served, wait } = arrange();
  const statuses = [];
  for (let time = 0; time < 5; time++) statuses.push((await answer(aRequest('192.0.2.1'))).status);
  expect(statuses).toEqual([200, 200, 200, 429, 429]);
  expect(served()).toBe(3);
  const refused = await answer(aRequest('192.0.2.1'));
  expect(refused.headers['Retry-After']).toBe('240');
  expect(refused.body).toContain('Nothing was decided');
  expect(refused.body).toContain('Wait 4 minutes');
  expect((await answer(aRequest('192.0.2.2'))).status).toBe(200);
  wait(240);
  expect((await answer(aRequest('192.0.2.1'))).status).toBe(200);
});

test('one link is limited whatever network it comes from, and however often the network changes', async () => {
  const { answer } = arrange();
  const statuses = [];
  for (let time = 0; time < 5; time++)
    statuses.push((await answer(aRequest(`192.0.2.${time}`, formWith(`key=${key('a')}&x=1`)))).status);
  expect(statuses).toEqual([200, 200, 200, 429, 429]);
});

test('many at the same moment are no way around the limit', async () => {
  const { answer, served } = arrange();
  const all = await Promise.all(Array.from({ length: 50 }, () => answer(aRequest('192.0.2.1'))));
  expect(all.filter(({ status }) => status === 200)).toHaveLength(3);
  expect(served()).toBe(3);
});

test('routes are counted apart', async () => {
  const { answer, strict } = arrange(1);
  expect((await answer(aRequest('192.0.2.1'))).status).toBe(200);
  expect((await strict(aRequest('192.0.2.1'))).status).toBe(200);
});

test('where calls cannot be counted, a decision is taken all the same and a webhook is not', async () => {
  const { answer, strict } = arrange(1, true);
  expect((await answer(aRequest('192.0.2.1'))).status).toBe(200);
  expect((await strict(aRequest('192.0.2.1'))).status).toBe(503);
});

test('the sender’s own headers do not say where a request is from', () => {
  const event = {
    httpMethod: 'POST',
    resource: '/',
    headers: { 'X-Forwarded-For': '203.0.113.9', Forwarded: 'for=203.0.113.9' },
    queryStringParameters: null,
    pathParameters: null,
    body: null,
    isBase64Encoded: false,
    requestContext: { identity: { sourceIp: '192.0.2.1' } },
  } as ProxyEvent;
  expect(callersOf(readRequest(event))).toEqual(['network 192.0.2.1']);
  expect(callersOf(readRequest({ ...event, requestContext: {} }))).toEqual(['network unknown']);
});

test('a session is known by its id, whatever else the cookie says', () => {
  const cookie = (seen: number) => `a=b; __Host-session=${key('s')}.${seen}.${key('m')}`;
  expect(callersOf(aRequest('192.0.2.1', { headers: { cookie: cookie(1) } }))).toEqual(
    callersOf(aRequest('192.0.2.1', { headers: { cookie: cookie(2) } })),
  );
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:DB8:1:2::1', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test('whatever is sent, a count is kept under our own grammar and nothing sent stands in it', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 300 });
  await fc.assert(
    fc.asyncProperty(text, text, text, async (address, cookie, body) => {
      const { answer, calls } = arrange();
      await answer(aRequest(address, { headers: { cookie }, ...formWith(`key=${body}`) }));
      for (const id of calls.keys()) expect(id).toMatch(/^limit#answers#[0-9a-f]{64}#\d+$/);
      expect(calls.size).toBeGreaterThan(0);
    }),
  );
});
