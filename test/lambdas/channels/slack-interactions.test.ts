import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import type { OutgoingRequest } from '../../../lambdas/channels/send-request';
import type { HttpRequest } from '../../../lambdas/shared/http';
import { makeSlackInteractions } from '../../../lambdas/slack-interactions/slack-interactions';
import { isFromSlack } from '../../../lambdas/slack-interactions/slack-signature';
import { fixedKeys } from '../../support/fixed-keys';
import { approvalId } from '../../support/gate';

const secret = '8f742231b10e8888abcd99yyyzzz85a5';
const now = new Date('2026-11-21T09:00:00.000Z');
const seconds = now.getTime() / 1000;
const clicked = {
  type: 'block_actions',
  user: { id: 'U1' },
  response_url: 'https://hooks.slack.com/actions/T1/1/abc',
  actions: [{ action_id: 'open-approval', value: approvalId, type: 'button' }],
};
const form = (payload: unknown): string =>
  new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
const sign = (body: string, timestamp: string, key = secret): string =>
  `v0=${createHmac('sha256', key).update(`v0:${timestamp}:${body}`).digest('hex')}`;

const aRequest = (body = form(clicked), headers: Record<string, string | undefined> = {}): HttpRequest => ({
  method: 'POST',
  pathId: '',
  query: {},
  headers: {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': String(seconds),
    'x-slack-signature': sign(body, headers['x-slack-request-timestamp'] ?? String(seconds)),
    ...headers,
  },
  body: Buffer.from(body),
});
const arrange = () => {
  const seen = new Set<string>();
  const sent: OutgoingRequest[] = [];
  const interact = makeSlackInteractions({
    signingKeys: fixedKeys(`${secret}\n`),
    memory: { seeOnce: async (what) => !seen.has(what) && Boolean(seen.add(what)) },
    sendRequest: async (request) => {
      sent.push(request);
      return { status: 200, headers: {}, body: 'ok' };
    },
    publicUrl: 'https://gate.example.com/live',
    answersOrigin: 'https://hooks.slack.com',
    now: () => now,
  });
  return { interact, sent };
};

test('signs as Slack’s own example says', () => {
  const body =
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
  const headers = {
    'x-slack-request-timestamp': '1531420618',
    'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
  };
  const at = new Date(1531420618_000);
  expect(isFromSlack({ headers, body: Buffer.from(body) }, secret, at)).toBe(true);
  expect(isFromSlack({ headers, body: Buffer.from(`${body}&`) }, secret, at)).toBe(false);
});

test('shows the way to the page to whoever clicked, and decides nothing', async () => {
  const { interact, sent } = arrange();
  await expect(interact(aRequest())).resolves.toMatchObject({ status: 200, body: '' });
  expect(sent).toHaveLength(1);
  expect(sent[0]?.url).toBe(clicked.response_url);
  expect(JSON.parse(sent[0]?.body ?? '')).toEqual({
    response_type: 'ephemeral',
    replace_original: false,
    text: expect.stringContaining(`https://gate.example.com/live/approvals/${approvalId}\n`),
  });
});

test('the same request again is refused', async () => {
  const { interact, sent } = arrange();
  await interact(aRequest());
  await expect(interact(aRequest())).resolves.toMatchObject({ status: 401 });
  expect(sent).toHaveLength(1);
});

test.each([
  ['ten minutes old', String(seconds - 600)],
  ['just too old', String(seconds - 301)],
  ['from the future', String(seconds + 301)],
  ['no time', 'yesterday'],
  ['negative', '-1'],
])('a time stamp that is %s is refused, however well signed', async (_, timestamp) => {
  const { interact, sent } = arrange();
  const request = aRequest(form(clicked), { 'x-slack-request-timestamp': timestamp });
  await expect(interact(request)).resolves.toMatchObject({ status: 401 });
  expect(sent).toEqual([]);
});

test('any change of body, time or signature is refused: 2,000 generated ones', async () => {
  const { interact, sent } = arrange();
  const body = form(clicked);
  const good = sign(body, String(seconds));
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string({ minLength: 1 }).map((more) => ({ body: body + more, signature: good })),
        fc.nat(body.length - 1).map((at) => ({ body: body.slice(0, at), signature: good })),
        fc
          .tuple(fc.integer({ min: 3, max: 66 }), fc.constantFrom(...'0123456789abcdef'))
          .filter(([at, digit]) => good[at] !== digit)
          .map(([at, digit]) => ({ body, signature: good.slice(0, at) + digit + good.slice(at + 1) })),
        fc.string().map((signature) => ({ body, signature })),
        fc.constantFrom(
          { body, signature: undefined },
          { body, signature: `${good}00` },
          { body, signature: good.toUpperCase() },
          { body, signature: sign(body, String(seconds), 'another secret') },
          { body, signature: sign(body, String(seconds), '') },
        ),
      ),
      async ({ body: sentBody, signature }) => {
        const request = aRequest(sentBody, { 'x-slack-signature': signature });
        await expect(interact(request)).resolves.toMatchObject({ status: 401 });
      },
    ),
    { numRuns: 2000 },
  );
  expect(sent).toEqual([]);
});

test.each([
  ['GET', { method: 'GET' }, 405],
  ['JSON', { headers: { ...aRequest().headers, 'content-type': 'application/json' } }, 415],
  ['no type', { headers: { ...aRequest().headers, 'content-type': undefined } }, 415],
  ['too long', { body: Buffer.alloc(64 * 1024 + 1) }, 413],
])('%s is refused before any work', async (_, over, status) => {
  const { interact, sent } = arrange();
  await expect(interact({ ...aRequest(), ...over })).resolves.toMatchObject({ status });
  expect(sent).toEqual([]);
});

test.each(['payload=%7B', 'payload=1&payload=2', 'other=1', ''])(
  'signed, but no payload: %j',
  async (body) => {
    await expect(arrange().interact(aRequest(body))).resolves.toMatchObject({ status: 400 });
  },
);

test.each([
  { ...clicked, type: 'view_submission' },
  { ...clicked, response_url: 'https://hooks.slack.com.evil.example/x' },
  { ...clicked, response_url: 'http://169.254.169.254/latest' },
  { ...clicked, actions: [{ action_id: 'approve', value: approvalId }] },
  { ...clicked, actions: [{ action_id: 'open-approval', value: '../../api' }] },
  ['__proto__'],
  null,
])('what Slack sends besides is acknowledged and ignored: %j', async (payload) => {
  const { interact, sent } = arrange();
  await expect(interact(aRequest(form(payload)))).resolves.toMatchObject({ status: 200, body: '' });
  expect(sent).toEqual([]);
});

test('when the secret cannot be read, nothing is done and Slack is told', async () => {
  const interact = makeSlackInteractions({
    signingKeys: { verify: () => Promise.reject(new Error('denied')) },
    memory: { seeOnce: () => Promise.reject(new Error('not asked')) },
    sendRequest: () => Promise.reject(new Error('not asked')),
    publicUrl: '',
    answersOrigin: '',
    now: () => now,
  });
  await expect(interact(aRequest())).resolves.toMatchObject({ status: 503 });
});
