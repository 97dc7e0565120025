import { createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { ChannelEvent } from '../../../lambdas/channels/contract';
import { eventOf } from '../../../lambdas/channels/event';
import { makeSendRequest, type SendDeps } from '../../../lambdas/channels/send-request';
import { signingKeys, webhookSignature } from '../../../lambdas/channels/webhook-signature';
import { makeDeliverWebhook } from '../../../lambdas/deliver-webhook/deliver-webhook';
import { InvalidInputError } from '../../../lambdas/shared/errors';
import { resolvePublicHost } from '../../../lambdas/shared/public-host';
import { type Received, type Receiver, startReceiver } from '../../support/http-receiver';
import { anEntry } from '../../support/ledger-entries';

const host = 'hooks.example.com';
const secretOf = (letter: string): string => `whsec_${Buffer.from(letter.repeat(32)).toString('base64')}`;
const event = eventOf(anEntry(), {
  environment: 'poc',
  publicUrl: 'https://gate.example.com',
}) as ChannelEvent;

const receivers: Receiver[] = [];
const receive = async (
  answer: (received: Received, response: ServerResponse, earlier: number) => void = (_, response) =>
    void response.writeHead(204).end(),
): Promise<Receiver> => {
  const receiver = await startReceiver(answer, host);
  receivers.push(receiver);
  return receiver;
};
afterEach(async () => {
  for (const receiver of receivers.splice(0)) await receiver.stop();
});

const deliverTo = (
  { url, ca }: Pick<Receiver, 'url' | 'ca'>,
  secret = secretOf('a'),
  over: Partial<SendDeps> = {},
  previous?: string,
) =>
  makeDeliverWebhook({
    url: `${url}/in`,
    secrets: async () => ({ current: secret, ...(previous !== undefined && { previous }) }),
    sendRequest: makeSendRequest({
      resolve: async () => '127.0.0.1',
      loopback: false,
      timeoutMs: 10_000,
      maxAnswerBytes: 1024,
      ...(ca !== undefined && { ca }),
      ...over,
    }),
    now: () => new Date('2026-11-21T09:00:00.000Z'),
  });

/** As a receiver checks it who has read the specification and none of our code. */
const isSignedWith = ({ headers, body }: Received, secret: string): boolean => {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const expected = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  return String(headers['webhook-signature']).split(' ').includes(expected);
};

test('signs as the example of Standard Webhooks says', () => {
  const keys = signingKeys('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
  expect(
    webhookSignature(keys, {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestamp: 1614265330,
      body: '{"test": 2432232314}',
    }),
  ).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

test('posts the event, signed, over TLS to the name at the address that was checked', async () => {
  const receiver = await receive();
  await deliverTo(receiver)(event);
  const [received] = receiver.received;
  expect(received).toMatchObject({
    path: '/in',
    headers: {
      'content-type': 'application/json',
      'webhook-id': event.id,
      'webhook-timestamp': '1795251600',
    },
  });
  expect(JSON.parse(received?.body ?? '')).toEqual(event);
  expect(received && isSignedWith(received, secretOf('a'))).toBe(true);
  expect(received && isSignedWith(received, secretOf('b'))).toBe(false);
});

test('while a secret is replaced, both the old and the new one fit', async () => {
  const receiver = await receive();
  await deliverTo(receiver, `${secretOf('b')}\n${secretOf('a')}\n`)(event);
  const [received] = receiver.received;
  for (const letter of ['a', 'b']) expect(received && isSignedWith(received, secretOf(letter))).toBe(true);
});

test('through the overlap of a rotation, a receiver may hold the new secret or the replaced one', async () => {
  const receiver = await receive();
  await deliverTo(receiver, secretOf('b'), {}, secretOf('a'))(event);
  const [received] = receiver.received;
  for (const letter of ['a', 'b']) expect(received && isSignedWith(received, secretOf(letter))).toBe(true);
  expect(received && isSignedWith(received, secretOf('c'))).toBe(false);
});

test.each(['', 'a', 'whsec_', 'whsec_c2hvcnQ=', `${secretOf('a')} ${secretOf('b')} ${secretOf('c')}`])(
  'with a secret that is none, nothing is sent and no part of it is told: %j',
  async (secret) => {
    const receiver = await receive();
    const refused = deliverTo(receiver, secret)(event);
    await expect(refused).rejects.toThrow(/^Nothing was sent, as the secret cannot be used/);
    await expect(refused).rejects.not.toThrow(/c2hvcnQ|YWFh/);
    expect(receiver.received).toEqual([]);
  },
);

test('follows no redirect', async () => {
  const elsewhere = await receive();
  const receiver = await receive(
    (_, response) => void response.writeHead(307, { location: `${elsewhere.url}/in` }).end(),
  );
  await expect(deliverTo(receiver)(event)).rejects.toThrow('The receiver redirects (307)');
  expect(elsewhere.received).toEqual([]);
});

test('a name that is found inside a network is not called', async () => {
  const receiver = await receive();
  const inside = new InvalidInputError('The host hooks.example.com has an address inside a network.');
  const deliver = deliverTo(receiver, undefined, { resolve: () => Promise.reject(inside) });
  await expect(deliver(event)).rejects.toThrow('has an address inside a network');
  expect(receiver.received).toEqual([]);
});

test('the real look-up finds that this machine is inside', async () => {
  await expect(resolvePublicHost('localhost')).rejects.toThrow(InvalidInputError);
});

test('a name is looked up once for each attempt, so that it cannot mean something else when it is connected to', async () => {
  const receiver = await receive();
  const resolve = jest.fn<Promise<string>, [string]>().mockResolvedValueOnce('127.0.0.1');
  resolve.mockRejectedValue(new InvalidInputError('now it is inside'));
  await deliverTo(receiver, undefined, { resolve })(event);
  expect(resolve.mock.calls).toEqual([[host]]);
  expect(receiver.received).toHaveLength(1);
});

test('a certificate of another name is not accepted', async () => {
  const receiver = await receive();
  const other = { ...receiver, url: `https://other.example.com:${receiver.port}` };
  await expect(deliverTo(other)(event)).rejects.toThrow('ERR_TLS_CERT_ALTNAME_INVALID');
  expect(receiver.received).toEqual([]);
});

test('who does not answer, or drips, is left after the time limit', async () => {
  const silent = await receive(() => undefined);
  const dripping = await receive((_, response) => {
    response.writeHead(200);
    response.write('.');
  });
  for (const receiver of [silent, dripping])
    await expect(deliverTo(receiver, undefined, { timeoutMs: 150 })(event)).rejects.toThrow(
      'Nobody answered within 0.15 s.',
    );
});

test('an endless answer is cut off', async () => {
  const receiver = await receive((_, response) => void response.writeHead(200).end('a'.repeat(100_000)));
  await expect(deliverTo(receiver)(event)).rejects.toThrow('The answer is too long.');
});

test('who asks to be left alone says for how long', async () => {
  const receiver = await receive(
    (_, response) => void response.writeHead(429, { 'retry-after': '77' }).end(),
  );
  await expect(deliverTo(receiver)(event)).rejects.toMatchObject({
    message: 'The receiver answered 429.',
    retryAfterSeconds: 77,
  });
});

test('nobody listens', async () => {
  const receiver = await receive();
  await receiver.stop();
  receivers.splice(0);
  await expect(deliverTo(receiver)(event)).rejects.toThrow('The connection failed: ECONNREFUSED.');
});
