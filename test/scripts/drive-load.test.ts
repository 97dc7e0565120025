import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { driveLoad, type Target } from '../../scripts/rollout/drive-load';

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((one) => new Promise((done) => one.close(done))));
});

const host = async (name: string, answer: () => number): Promise<Target> => {
  const server = createServer((_, response) => response.writeHead(answer()).end(`${name}\n`));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  servers.push(server);
  return { name, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
};

/** A phase each of this many requests, one after another; then it is stopped. */
const drive = (targets: readonly Target[], phases: Readonly<Record<string, number>>) => {
  const stop = new AbortController();
  const names = Object.entries(phases).flatMap(([name, count]) => Array<string>(count).fill(name));
  const phase = () => {
    const name = names.shift() ?? 'none';
    if (names.length === 0) stop.abort();
    return name;
  };
  return driveLoad(targets, { perSecond: 500, phase, stop: stop.signal });
};

test('counts requests by the phase in which they were made', async () => {
  const report = await drive([await host('one', () => 200)], { before: 3, after: 2 });
  expect(report).toMatchObject({
    before: { requests: 3, failed: 0, retried: 0, failures: {}, answers: { one: 3 } },
    after: { requests: 2, answers: { one: 2 } },
  });
});

test('a request that another host answers is retried; each attempt that was not answered well is counted', async () => {
  const targets = [await host('well', () => 200), await host('unwell', () => 500)];
  expect(await drive(targets, { all: 6 })).toMatchObject({
    all: {
      requests: 6,
      failed: 0,
      retried: 3,
      failures: { unwell: { 'status 500': 3 } },
      answers: { well: 6 },
    },
  });
});

test('a request that no host answers has failed; a host that is not there says why', async () => {
  const gone = await host('gone', () => 200);
  await new Promise((done) => servers.pop()?.close(done));
  expect(await drive([gone, await host('unwell', () => 503)], { all: 4 })).toMatchObject({
    all: {
      requests: 4,
      failed: 4,
      retried: 0,
      failures: { gone: { ECONNREFUSED: 4 }, unwell: { 'status 503': 4 } },
      answers: {},
    },
  });
});
