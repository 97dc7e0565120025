import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  encodePath,
  isPlainPath,
  isSafeAddress,
  makeOpenBao,
  OpenBaoDeniedError,
  OpenBaoRefusedError,
} from '../../../../lambdas/rotation/openbao/client';
import { InvalidInputError, TransientError } from '../../../../lambdas/shared/errors';

const token = 's.token-that-nobody-may-see';
const secret = 'secret-that-nobody-may-see';

let server: Server;
let address: string;
let answer: { status: number; body: string; location?: string } | 'silence' | 'hang up';
let asked: { method?: string; url?: string; headers: Record<string, unknown>; body: string }[];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      asked.push({ method, url, headers, body });
      if (answer === 'hang up') request.socket.destroy();
      else if (answer !== 'silence')
        response
          .writeHead(answer.status, answer.location ? { location: answer.location } : {})
          .end(answer.body);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  asked = [];
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const bao = (timeoutMs = 60_000) => makeOpenBao({ address, namespace: 'team-a', token, timeoutMs });
const failure = async (work: Promise<unknown>): Promise<Error> =>
  await work.then(
    () => {
      throw new Error('It did not fail.');
    },
    (error: Error) => error,
  );

test('a request names namespace and token, and brings the answer', async () => {
  answer = { status: 200, body: '{"data":{"keys":["a"]}}' };
  expect(await bao().call('LIST', 'secret/metadata/apps')).toEqual({ data: { keys: ['a'] } });
  expect(await bao().as(undefined).call('PUT', 'sys/unseal', { key: secret })).toBeDefined();
  expect(asked[0]).toMatchObject({
    method: 'GET',
    url: '/v1/secret/metadata/apps?list=true',
    headers: { 'x-vault-token': token, 'x-vault-namespace': 'team-a', 'x-vault-request': 'true' },
  });
  expect(asked[1]?.headers).not.toHaveProperty('x-vault-token');
  expect(JSON.parse(asked[1]?.body ?? '')).toEqual({ key: secret });
});

test.each([204, 404])('%d is nothing', async (status) => {
  answer = { status, body: '' };
  expect(await bao().call('GET', 'secret/data/none')).toBeUndefined();
});

test.each([
  [400, OpenBaoRefusedError, 'refuses POST auth/approle/login (400)'],
  [403, OpenBaoDeniedError, 'the token has expired or was revoked, or its policies do not hold that path'],
  [429, TransientError, 'it answered 429'],
  [472, TransientError, 'it answered 472'],
  [500, TransientError, 'it answered 500'],
  [503, TransientError, 'it is sealed or out of order'],
])('%d is told without what was sent or answered', async (status, type, sentence) => {
  answer = { status, body: JSON.stringify({ errors: [`the secret ID ${secret} is wrong`] }) };
  const error = await failure(bao().call('POST', 'auth/approle/login', { secret_id: secret }));
  expect(error).toBeInstanceOf(type);
  expect(error.message).toContain(sentence);
  expect(JSON.stringify([error, error.message, String(error.cause)])).not.toMatch(/nobody-may-see/);
});

test('a conflict of two writes can be told from other refusals', async () => {
  answer = { status: 400, body: '{"errors":["check-and-set parameter did not match the current version"]}' };
  expect(await failure(bao().call('POST', 'secret/data/a', {}))).toMatchObject({ isConflict: true });
  answer = { status: 400, body: '{"errors":["no"]}' };
  expect(await failure(bao().call('POST', 'secret/data/a', {}))).toMatchObject({ isConflict: false });
});

test.each([
  ['silence', 'within 0.2 s'],
  ['hang up', '(UND_ERR_SOCKET)'],
  [{ status: 200, body: '<html>' }, 'is not OpenBao'],
  [{ status: 307, body: '', location: 'http://127.0.0.1:1/' }, 'did not answer'],
] as const)('%j may pass', async (what, sentence) => {
  answer = what;
  const error = await failure(bao(what === 'silence' ? 200 : undefined).call('GET', 'sys/health'));
  expect(error).toBeInstanceOf(TransientError);
  expect(error.message).toContain(sentence);
  expect(error.message).not.toContain(token);
  // A token never follows a redirect.
  expect(asked).toHaveLength(1);
});

test.each([
  ['https://bao.example.org', true],
  ['https://bao.example.org:8200/', true],
  ['http://127.0.0.1:8200', true],
  ['http://localhost:8200', true],
  ['http://[::1]:8200', true],
  ['http://bao.example.org', false],
  ['http://127.0.0.1.example.org', false],
  ['https://me:me@bao.example.org', false],
  ['https://bao.example.org/ui', false],
  ['https://bao.example.org?x=1', false],
  ['file:///etc/passwd', false],
  ['bao', false],
])('whether a secret may be sent to %s: %p', (url, safe) => {
  expect(isSafeAddress(url)).toBe(safe);
});

test.each([
  ['secret', true],
  ['apps/checkout/db_1.main', true],
  ['', false],
  ['/apps', false],
  ['apps/', false],
  ['apps//x', false],
  ['apps/../x', false],
  ['.', false],
  ['apps?version=1', false],
  ['apps#x', false],
  ['apps%2fx', false],
  ['apps x', false],
])('whether %j is a plain path: %p', (path, plain) => {
  expect(isPlainPath(path)).toBe(plain);
});

test('a path is encoded part by part, and never leads elsewhere', () => {
  expect(encodePath('apps/check out?/50%')).toBe('apps/check%20out%3F/50%25');
  for (const path of ['', '/apps', 'apps/', 'apps//x', '..', 'apps/../x', 'apps/.'])
    expect(() => encodePath(path)).toThrow(InvalidInputError);
});
