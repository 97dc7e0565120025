import { mkdtempSync, rmSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HostError } from '../../lambdas/shared/errors';
import { ensureToken, makeHostApi } from '../../local/hosts/host-api';
import { type HostController, UnknownHostError } from '../../local/hosts/host-controller';
import { AddressInUseError } from '../../local/hosts/loopback-addresses';

const token = 't'.repeat(43);
const key = `ssh-ed25519 ${'A'.repeat(68)}`;
const planned = { name: 'a', address: null, size: 'small', tags: {}, owner: 'me', expiresAt: null };
const answered = {
  name: 'a',
  address: '127.70.8.1',
  port: 22,
  user: 'ops',
  hostKeys: [key],
  id: 'po-abc123-00000000',
};

const controller = {
  start: jest.fn(),
  stop: jest.fn(),
  ensureHosts: jest.fn(),
  listHosts: jest.fn(),
  allowKey: jest.fn(),
} satisfies HostController;
const server = makeHostApi({ controller, token, log: () => undefined });
let url = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  jest.resetAllMocks();
  controller.ensureHosts.mockResolvedValue([answered]);
  controller.listHosts.mockResolvedValue([answered]);
});

const call = async (method: string, path: string, body?: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
};
const hosts = '/workspaces/acme/web/hosts';

test('hosts are put, listed and opened to a key', async () => {
  expect(await call('PUT', hosts, JSON.stringify({ hosts: [planned] }))).toEqual({
    status: 200,
    body: { hosts: [answered] },
  });
  expect(controller.ensureHosts).toHaveBeenCalledWith('acme', 'web', [planned]);
  expect(await call('GET', hosts)).toEqual({ status: 200, body: { hosts: [answered] } });
  const pushed = JSON.stringify({ user: 'ops', publicKey: `${key} run@machine\n` });
  expect(await call('POST', `${hosts}/a/ssh-keys`, pushed)).toEqual({ status: 204, body: undefined });
  expect(controller.allowKey).toHaveBeenCalledWith('acme', 'web', 'a', 'ops', key);
});

test.each([
  ['no token', { authorization: '' }],
  ['a wrong token', { authorization: 'Bearer wrong' }],
  ['another scheme', { authorization: `Basic ${token}` }],
])('a caller with %s is refused', async (_, headers) => {
  const { status, body } = await call('GET', hosts, undefined, headers);
  expect([status, body.error.code]).toEqual([401, 'Unauthorized']);
  expect(controller.listHosts).not.toHaveBeenCalled();
});

test.each([
  ['an unknown field', JSON.stringify({ hosts: [{ ...planned, image: 'x' }] }), 400],
  ['a wrong type', JSON.stringify({ hosts: 'a' }), 400],
  ['a name given twice', '{"hosts":[],"hosts":[]}', 400],
  ['__proto__', '{"hosts":[],"__proto__":{}}', 400],
  ['endless nesting', '['.repeat(10_000), 400],
  ['broken JSON', '{', 400],
  ['two megabytes', `{"hosts":[],"x":"${'a'.repeat(2_000_000)}"}`, 413],
])('a body with %s is refused', async (_, body, status) => {
  const answer = await call('PUT', hosts, body).catch((error: Error) => error);
  // A connection that is cut while we still send shows as an error of the client's.
  if (!(answer instanceof Error)) expect(answer.status).toBe(status);
  expect(controller.ensureHosts).not.toHaveBeenCalled();
});

test.each([
  ['another content type', 'PUT', hosts, { 'content-type': 'text/plain' }, 415],
  ['a method that is none', 'DELETE', hosts, {}, 405],
  ['a workspace with a wrong name', 'PUT', '/workspaces/Acme/web/hosts', {}, 400],
  ['a path out of the workspace', 'PUT', '/workspaces/..%2f..%2fetc/web/hosts', {}, 400],
  ['an unknown path', 'GET', '/workspaces/acme/web', {}, 404],
])('%s is refused', async (_, method, path, headers, status) => {
  const answer = await call(method, path, method === 'GET' ? undefined : '{"hosts":[]}', headers);
  expect(answer.status).toBe(status);
  expect(typeof answer.body.error.message).toBe('string');
});

test.each([`command="sh" ${key}`, `${key}\n${key}`, 'ssh-ed25519', `expiry-time="20990101" ${key}`])(
  'a public key like %j is refused',
  async (publicKey) => {
    const answer = await call('POST', `${hosts}/a/ssh-keys`, JSON.stringify({ user: 'ops', publicKey }));
    expect([answer.status, answer.body.error.code]).toEqual([400, 'InvalidInputError']);
    expect(controller.allowKey).not.toHaveBeenCalled();
  },
);

test.each([
  [new AddressInUseError('taken'), 409, 'AddressInUseError'],
  [new UnknownHostError('unknown'), 404, 'UnknownHostError'],
  [new HostError('did not boot'), 500, 'HostError'],
  [new Error('broken'), 500, 'InternalError'],
])('what the controller says (%s) is told', async (error, status, code) => {
  controller.ensureHosts.mockRejectedValue(error);
  const answer = await call('PUT', hosts, '{"hosts":[]}');
  expect(answer).toEqual({ status, body: { error: { code, message: error.message } } });
});

test('the token is made once, for this user only', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'token-'));
  try {
    const file = join(folder, 'token');
    const made = await ensureToken(file);
    expect(made).toMatch(/^[\w-]{43}$/);
    expect(await ensureToken(file)).toBe(made);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
