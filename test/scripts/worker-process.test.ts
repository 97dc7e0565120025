import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FaultedRun, makeFaultJudge } from '../../scripts/faults/faulted-run';
import { calmSchedule } from '../../scripts/faults/schedule';
import { endWorker, holdWorker, letWorkerGo, workerBehind } from '../../scripts/faults/worker-process';

/** Calls its service, starts a tool that works in a task's folder, and says who both are. */
const WORKER = `
const { get } = require('node:http');
const { spawn } = require('node:child_process');
const tool = spawn('sleep', ['60'], { detached: true, stdio: 'ignore', env: { HOME: process.env.TASK + '/home' } });
get(process.env.SERVICE, (answer) => answer.resume().on('end', () => console.log(tool.pid)));
setInterval(() => undefined, 1000);
`;

const stateOf = (pid: number): string => {
  try {
    return /^State:\s+(\S)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 'gone';
  } catch {
    return 'gone';
  }
};

let folder: string;
let server: Server;
let worker: ChildProcess;
let socket: Socket;
let seen: Promise<number | undefined>;

const start = async (endpoint: string): Promise<number> => {
  const task = join(folder, 'runner-Abc123');
  mkdirSync(join(task, 'home'), { recursive: true });
  const service = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  worker = spawn(process.execPath, ['-e', WORKER], {
    env: { PATH: process.env.PATH, SERVICE: service, AWS_ENDPOINT_URL: endpoint || service, TASK: task },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await once(worker.stdout as NonNullable<ChildProcess['stdout']>, 'data');
  return Number(said);
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'worker-process-'));
  server = createServer((request, response) => {
    socket = request.socket;
    // While the connection is open on both ends.
    seen = workerBehind(socket);
    void seen.finally(() => response.end('done'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  worker.kill('SIGKILL');
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

test('the worker behind a connection is known by the address that it was given', async () => {
  await start('');
  expect(await seen).toBe(worker.pid);
});

test('a process that was given another address is no worker of this function', async () => {
  await start('http://127.0.0.1:9');
  expect(await seen).toBeUndefined();
});

test('a worker that is held stands still until it is let go', async () => {
  await start('');
  const pid = worker.pid ?? 0;
  await holdWorker(pid);
  expect(stateOf(pid)).toBe('T');
  letWorkerGo(pid);
  expect(worker.exitCode).toBeNull();
});

test('a worker ends with what it started, and with its disk', async () => {
  const tool = await start('');
  const pid = worker.pid ?? 0;
  await holdWorker(pid);
  const ended = once(worker, 'exit');
  await endWorker(pid, 'SIGKILL');
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(['Z', 'X', 'gone']).toContain(stateOf(tool));
  expect(existsSync(join(folder, 'runner-Abc123'))).toBe(false);
});

test.each([
  ['while it works for the run that is meant', '', ['SIGKILL']],
  ['no more when it has done its task', '"REMOVE worker SET finished.#name = :done"', []],
  ['no more when its task has failed', '"REMOVE worker"', []],
])('a worker is ended %s', async (_, signedOff, expected) => {
  await start('');
  await seen;
  const { judge, follow, release } = makeFaultJudge();
  const run: FaultedRun = {
    runId: 'one',
    workspace: 'faults-0/box-a',
    schedule: {
      ...calmSchedule({ module: true, role: true }),
      faults: [{ kind: 'kill', at: { step: 'terraform-plan', call: 2 }, signal: 'SIGKILL', afterMs: 0 }],
    },
    happened: [],
    links: new Set(),
    stopDue: false,
  };
  follow(run);
  const call = (text: string) =>
    judge({ step: 'terraform-plan', service: 's3', method: 'GET', text: `/one ${text}`, socket });
  const ended = once(worker, 'exit');
  await call('"SET worker = :worker" {"task":{"S":"terraform-plan"}}');
  await call(signedOff);
  await call('the third');
  await release(run);
  expect(run.happened).toHaveLength(expected.length);
  if (expected.length === 0) worker.kill('SIGTERM');
  expect((await ended)[1]).toBe(expected[0] ?? 'SIGTERM');
});
