import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ProbeTask } from '../../../lambdas/runners/contract';
import { makeProbeHosts } from '../../../lambdas/runners/probe-hosts';
import { makeTaskLog } from '../../../lambdas/runners/task-log';
import { HostError, InvalidInputError, ReleaseUnhealthyError } from '../../../lambdas/shared/errors';
import { aRun } from '../../support/change-fixtures';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const serve = async (listener: RequestListener): Promise<number> => {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  return (server.address() as AddressInfo).port;
};

const hostNamed = (name: string, address = '127.0.0.1') => ({
  name,
  address,
  port: 22,
  user: 'ops',
  hostKeys: ['ssh-ed25519 AAAA'],
  id: name,
});
const planned = (name: string) => ({
  name,
  address: null,
  size: 'small',
  tags: {},
  owner: 'me',
  expiresAt: null,
  isNew: false,
});

const probe = (
  port: number,
  given: Partial<ProbeTask> = {},
  known = [hostNamed('app-1')],
  signal = new AbortController().signal,
) =>
  makeProbeHosts({
    hostAccess: {
      listHosts: async () => known,
      ensureHosts: async () => known,
      allowKey: async () => undefined,
    },
    now: () => new Date(),
  })(
    {
      task: 'probe-hosts',
      run: aRun,
      hosts: [planned('app-1')],
      port,
      path: '/healthz',
      text: 'shop 1.1.0',
      probes: 3,
      intervalSeconds: 0,
      ...given,
    },
    { signal, log: makeTaskLog([]) },
  );

test('asks each host as often as it is told', async () => {
  const asked: (string | undefined)[] = [];
  const port = await serve((request, response) => {
    asked.push(request.url);
    response.end('this is shop 1.1.0');
  });
  expect(await probe(port)).toMatchObject({ hosts: 1, answers: 3 });
  expect(asked).toEqual(['/healthz', '/healthz', '/healthz']);
});

/** Answers well, but not this time. */
const flapping = (badAt: number): RequestListener => {
  let nth = 0;
  return (_, response) => {
    nth += 1;
    response.statusCode = nth === badAt ? 503 : 200;
    response.end('shop 1.1.0');
  };
};

test.each<[string, RequestListener, RegExp]>([
  [
    'an error',
    (_, response) => response.writeHead(500).end('shop 1.1.0'),
    /app-1: asked the 1\. of 3 times.*status 500/,
  ],
  ['a redirect', (_, response) => response.writeHead(302, { location: '/healthz' }).end(), /status 302/],
  [
    'another release',
    (_, response) => response.end('shop 1.0.0'),
    /does not hold "shop 1\.1\.0".*"shop 1\.0\.0"/,
  ],
  ['another status, now and then', flapping(3), /asked the 3\. of 3 times.*status 503/],
  ['a broken line', (request) => request.socket.destroy(), /cannot be reached/],
  [
    'half an answer',
    (_, response) =>
      response.writeHead(200, { 'content-length': '100' }).write('shop 1.1.0', () => response.destroy()),
    /./,
  ],
  [
    'an answer without an end',
    (_, response) => {
      const more = () => response.write('shop 1.1.0'.repeat(1000), () => !response.destroyed && more());
      more();
    },
    /longer than 65536 bytes/,
  ],
])('%s is not well', async (_, listener, why) => {
  const asked = probe(await serve(listener));
  await expect(asked).rejects.toThrow(ReleaseUnhealthyError);
  await expect(asked).rejects.toThrow(why);
});

test('who never answers is not well, and is not waited for', async () => {
  await expect(probe(await serve(() => undefined))).rejects.toThrow('no whole answer within 5 seconds');
}, 15_000);

test('one host that is not well is enough, and only those that are named are asked', async () => {
  const port = await serve((_, response) => response.end('shop 1.1.0'));
  const both = [hostNamed('app-1'), hostNamed('app-2', '127.9.9.9')];
  const hosts = [planned('app-1'), planned('app-2')];
  await expect(probe(port, { hosts }, both)).rejects.toThrow(/app-2.*cannot be reached/);
  expect(await probe(port, { hosts, limit: ['app-1'] }, both)).toMatchObject({ hosts: 1 });
  await expect(probe(port, { hosts, limit: ['app-3'] }, both)).rejects.toThrow(InvalidInputError);
  await expect(probe(port, { hosts }, [])).rejects.toThrow(HostError);
});

test('stops when it is told to', async () => {
  const stop = new AbortController();
  const port = await serve((_, response) => {
    response.end('shop 1.1.0');
    stop.abort(new Error('stopped'));
  });
  await expect(probe(port, { intervalSeconds: 60 }, undefined, stop.signal)).rejects.toThrow('stopped');
});
