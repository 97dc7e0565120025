import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { answerOf } from '../../scripts/faults/fault-answers';
import { startFaultProxy } from '../../scripts/faults/fault-proxy';
import { makeRandom } from '../../scripts/faults/random';
import { describeFault, type Fault, mustSucceed, scheduleOf } from '../../scripts/faults/schedule';

describe('schedules', () => {
  test('the same seed gives the same schedule, and nearly every other seed another', () => {
    fc.assert(fc.property(fc.string(), (seed) => expect(scheduleOf(seed)).toEqual(scheduleOf(seed))));
    const different = new Set(Array.from({ length: 200 }, (_, n) => JSON.stringify(scheduleOf(`seed/${n}`))));
    expect(different.size).toBeGreaterThan(150);
  });

  test('every kind of fault and every effect comes up among the runs of one suite', () => {
    const faults = Array.from({ length: 200 }, (_, n) => scheduleOf(`seed/${n}`).faults).flat();
    const kinds = new Set(faults.map((fault) => (fault.kind === 'service' ? fault.effect : fault.kind)));
    expect([...kinds].sort()).toEqual(
      ['break', 'drop', 'kill', 'land-then-drop', 'refuse-state', 'stop', 'throttle', 'twice'].sort(),
    );
    for (const fault of faults) expect(describeFault(fault)).not.toContain('undefined');
  });

  test('numbers stay below their bound, and an item without weight is never picked', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 1000 }), (seed, bound) => {
        const random = makeRandom(seed);
        const drawn = Array.from({ length: 5 }, () => random.below(bound));
        expect(drawn.every((number) => number >= 0 && number < bound)).toBe(true);
        const picked = random.pick([
          ['never', 0],
          ['always', 1],
        ]);
        expect(picked).toBe('always');
      }),
    );
  });
});

describe('what must succeed', () => {
  const service = (step: string, times: number, effect: 'drop' | 'twice' = 'drop'): Fault => ({
    kind: 'service',
    at: { step, call: 0 },
    effect,
    times,
  });
  const kill = (step: string, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Fault => ({
    kind: 'kill',
    at: { step, call: 0 },
    signal,
    afterMs: 0,
  });
  test.each<[string, Fault[], boolean]>([
    ['the worker of a plan died', [kill('terraform-plan')], true],
    ['two workers of a plan died', [kill('terraform-plan'), kill('terraform-plan')], false],
    ['a plan was interrupted', [kill('terraform-plan', 'SIGTERM')], false],
    ['the worker of an apply died', [kill('terraform-apply')], false],
    ['nothing happened', [], true],
    ['two calls of a worker failed', [service('terraform-apply', 2)], true],
    ['four calls of a worker failed', [service('terraform-apply', 2), service('terraform-apply', 2)], false],
    ['four calls of a step failed', [service('end-run', 4)], true],
    ['calls were made twice', [service('terraform-apply', 4, 'twice')], true],
    ['somebody stopped it', [{ kind: 'stop', afterMs: 1 }], false],
  ])('%s', (_, happened, expected) => {
    expect(mustSucceed(happened)).toBe(expected);
  });
});

describe('a service that is not well', () => {
  test.each([
    ['s3', 'text/xml', '<Error><Code>SlowDown</Code>'],
    ['sts', 'text/xml', '<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code>'],
    ['sns', 'text/xml', '<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code>'],
    ['ec2', 'text/xml', '<Response><Errors><Error><Code>RequestLimitExceeded</Code>'],
    ['dynamodb', 'application/x-amz-json-1.1', '"ProvisionedThroughputExceededException"'],
    ['kms', 'application/x-amz-json-1.1', '"ThrottlingException"'],
  ])('%s answers in its own protocol, %s', (service, type, body) => {
    const answer = answerOf('throttle', service);
    expect(answer.headers['content-type']).toBe(type);
    expect(answer.body).toContain(body);
    expect(answerOf('break', service)).toMatchObject({ status: 500, headers: { 'content-type': type } });
  });
});

describe('the proxy between a function and the services', () => {
  let gateway: Server;
  let arrived: string[];
  beforeEach(async () => {
    arrived = [];
    gateway = createServer(async (request: IncomingMessage, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      arrived.push(`${request.method} ${request.url} ${Buffer.concat(chunks).toString()}`);
      response.writeHead(200, { 'x-own': 'yes' }).end('done');
    });
    await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => new Promise((resolve) => gateway.close(resolve)));

  const call = async (effect: Awaited<ReturnType<Parameters<typeof startFaultProxy>[0]['judge']>>) => {
    const seen: string[] = [];
    const proxy = await startFaultProxy({
      step: 'end-run',
      gatewayUrl: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`,
      judge: async ({ step, service, method, text }) => {
        seen.push(`${step} ${service} ${method} ${text}`);
        return effect;
      },
    });
    try {
      const response = await fetch(`${proxy.url}/table?x=1`, {
        method: 'PUT',
        body: 'item',
        headers: { authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request' },
      });
      return { seen, status: response.status, text: await response.text() };
    } catch {
      return { seen, status: 0, text: '' };
    } finally {
      await proxy.close();
    }
  };

  test('passes a call on as it is, and says what it is about', async () => {
    expect(await call('pass')).toEqual({
      seen: ['end-run s3 PUT /table?x=1\nitem'],
      status: 200,
      text: 'done',
    });
    expect(arrived).toEqual(['PUT /table?x=1 item']);
  });
  test.each([
    ['throttle', 503, 0],
    ['break', 500, 0],
    ['refuse', 403, 0],
    ['drop', 0, 0],
    ['land-then-drop', 0, 1],
    ['twice', 200, 2],
  ] as const)('%s answers %i, and %i calls arrive', async (effect, status, times) => {
    expect((await call(effect)).status).toBe(status);
    expect(arrived).toHaveLength(times);
  });
});
