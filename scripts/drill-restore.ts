/** Loses the tables, a state and the ledger of a local platform, and gets them back: `npm run drill:restore`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { watchInterruption } from '../local/interruption';
import { createProgress, type Progress } from '../local/progress';
import { type BenchPlatform, withPlatform } from './bench/bench-platform';
import { provision } from './bench/whole-run';
import { makeCommandLine } from './drill/command-line';
import { openStores, type Stock } from './drill/stores';
import { exitWith } from './exit-with';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const repository = resolve(__dirname, '..');
const environment = 'local';
const workspaces = ['drill/web-01', 'drill/web-02'];
const copyDeadlineMs = 60_000;

const print = (text: string): void => void process.stdout.write(`${text}\n`);

const stockLines = (stock: Stock): string =>
  Object.entries(stock)
    .map(
      ([name, { count, digest }]) =>
        `  ${name.padEnd(12)} ${String(count).padStart(4)}  ${digest.slice(0, 16)}`,
    )
    .join('\n');

/** As its schedule does. */
const signCheckpoints = async ({ functions, platform }: BenchPlatform): Promise<void> => {
  const step = functions.find(({ Description }) => Description === 'Step checkpoint-ledger');
  if (!step) throw new Error('No deployed function signs checkpoints.');
  const lambda = new LambdaClient({
    endpoint: platform.gatewayUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: step.FunctionName, Payload: JSON.stringify({ sweep: true }) }),
  );
  if (FunctionError) throw new Error(`No checkpoint was signed: ${Buffer.from(Payload ?? []).toString()}`);
};

const untilCopied = async (uncopied: () => Promise<number>): Promise<void> => {
  for (const deadline = Date.now() + copyDeadlineMs; (await uncopied()) > 0; await sleep(200))
    if (Date.now() > deadline) throw new Error('The ledger was not copied to the audit bucket in time.');
};

/** Objects tell when they were written to the second. */
const nextSecond = async (): Promise<string> => {
  const second = Math.floor(Date.now() / 1000);
  while (Math.floor(Date.now() / 1000) === second) await sleep(20);
  return `${new Date(second * 1000).toISOString().slice(0, 19)}Z`;
};

const drill = async (bench: BenchPlatform, progress: Progress, folder: string): Promise<boolean> => {
  const { gatewayUrl } = bench.platform;
  const stores = await openStores(gatewayUrl, environment);
  const type = makeCommandLine({ repository, gatewayUrl, tell: print });
  const restore = (...args: string[]) =>
    type('npm', 'run', '--silent', 'restore', '--', ...args, '--env', environment);
  const exported = async (name: string): Promise<string> => {
    const path = join(folder, name);
    await type('npx', 'orchestrator-ledger', 'export', path, '--env', environment);
    return path;
  };

  await progress.step('Working: two hosts are provisioned', async () => {
    for (const workspace of workspaces) await provision(bench, workspace);
    await untilCopied(stores.uncopied);
    await signCheckpoints(bench);
  });
  print('\n# What an auditor keeps, and a backup');
  const before = await exported('before');
  const key = join(before, 'key.txt');
  await restore('backup', 'before-drill');
  const stood = await stores.takeStock();
  print(stockLines(stood));
  const to = await nextSecond();

  print(`\n# The damage, after ${to}: every item of every table, one state deleted, one overwritten`);
  await progress.step('Losing it all', stores.damage);
  print(stockLines(await stores.takeStock()));

  print('\n# The restore');
  const began = performance.now();
  await restore('ledger');
  await restore('tables', '--backup', 'before-drill');
  await restore('states', '--to', to, '--replace');
  const seconds = (performance.now() - began) / 1000;
  const stands = await stores.takeStock();
  print(stockLines(stands));
  const isWhole = isDeepStrictEqual(stands, stood);
  print(isWhole ? 'All of it is what it was.' : 'It is NOT what it was.');

  print('\n# Is anything missing? Asked with the checkpoints that were kept');
  const after = await exported('after');
  await type(
    'npx',
    'orchestrator-ledger',
    'verify',
    after,
    '--key',
    key,
    '--checkpoint',
    join(before, 'drill/checkpoints'),
  );

  const outcomes: string[] = [];
  await progress.step('Working again', async () => {
    for (const workspace of workspaces) outcomes.push((await provision(bench, workspace)).outcome);
  });
  const worksOn = outcomes.every((outcome) => outcome === 'unchanged');
  print(`\nThe same work again: ${outcomes.join(', ')}.`);
  await untilCopied(stores.uncopied);
  await signCheckpoints(bench);
  await type('npx', 'orchestrator-ledger', 'verify', await exported('later'), '--key', key);
  print(
    `\ndrill: restored in ${seconds.toFixed(1)} s; ${isWhole && worksOn ? 'nothing is missing' : 'FAILED'}`,
  );
  return isWhole && worksOn;
};

const main = async (): Promise<number> => {
  const progress = createProgress();
  const interruption = watchInterruption();
  const folder = await mkdtemp(join(tmpdir(), 'restore-drill-'));
  try {
    const stateDir = join(repository, '.local-drill');
    const { signal } = interruption;
    return await withPlatform({ repository, stateDir, progress, signal }, async (bench) =>
      (await drill(bench, progress, folder)) ? 0 : 1,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
    interruption.dispose();
  }
};

exitWith(main);
