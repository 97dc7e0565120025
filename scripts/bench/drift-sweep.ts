import { loadavg } from 'node:os';
import { CopyObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { GetExecutionHistoryCommand, type HistoryEvent } from '@aws-sdk/client-sfn';
import { BatchWriteCommand, type BatchWriteCommandInput, GetCommand } from '@aws-sdk/lib-dynamodb';
import { executionArnOf, startRun } from '../../cli/start-run';
import { watchRun } from '../../cli/watch-run';
import { endRunOutput } from '../../lambdas/end-run/contract';
import type { SweepResult } from '../../lambdas/shared/contract';
import { type SweepFinding, sweepDocument } from '../../lambdas/shared/sweep-document';
import { platformClients } from '../../local/platform-clients';
import { makeLab } from '../evidence/lab';
import { localTarget } from '../evidence/local-target';
import { type BenchPlatform, stepEnvironment } from './bench-platform';
import { removeHosts } from './plain-run';
import { type MemoryPeaks, watchMemory } from './platform-memory';
import { type Execution, type LambdaUse, lambdaUseOf, readExecution } from './run-cost';
import { percentile } from './statistics';

export interface DriftSweepFigures {
  readonly atOnce: number;
  readonly found: Pick<SweepResult, 'workspaces' | 'clean' | 'drifted' | 'new' | 'skipped' | 'failed'>;
  /** As it was prepared. */
  readonly expected: { readonly drifted: number; readonly failed: number };
  /** Why each check failed that did; `damaged` says that it was prepared to. */
  readonly failures: readonly (NonNullable<SweepFinding['error']> & {
    readonly workspace: string;
    readonly damaged: boolean;
  })[];
  /** Of the whole run, and of each of its stages, in seconds. */
  readonly wall: number;
  readonly stages: Readonly<Record<string, number>>;
  /** Of single checks, in seconds. */
  readonly check: { readonly p50: number; readonly p99: number };
  readonly memory: MemoryPeaks;
  /** Of the machine at its end, over five minutes. */
  readonly load: number;
  /** Of the sweep's own execution. */
  readonly events: number;
  /** The largest input or output of a state, of the sweep and of the checks that were looked into, in bytes. */
  readonly payload: { readonly sweep: number; readonly check: number };
  readonly sampled: number;
  /** Of the whole sweep: of the checks that were looked into, times their number, and the sweep's own. */
  readonly transitions: number;
  readonly lambda: LambdaUse;
}

const tenant = 'fleet';
const atOnce = 8;
const template = 'bench/drift-template';
/** Every so many differs from its configuration, and of every so many the state is damaged. */
const driftedEvery = 50;
const damagedEvery = 200;
const sampled = 100;
/** On AWS, of the execution that a Distributed Map starts for an item: the check, and what follows it. */
const itemTransitions = 2;
const writtenAtOnce = 25;

const nameOf = (index: number): string => `${tenant}/web-${String(index).padStart(4, '0')}`;
const stateKey = (workspace: string): string => `${workspace}/terraform.tfstate`;
const isDamaged = (index: number): boolean => index % damagedEvery === damagedEvery - 1;
const isDrifted = (index: number): boolean => index % driftedEvery === 0;

const inTurn = async <T>(
  all: readonly T[],
  work: (part: readonly T[]) => Promise<unknown>,
): Promise<void> => {
  for (let from = 0; from < all.length; from += writtenAtOnce)
    await work(all.slice(from, from + writtenAtOnce));
};

/** One workspace is applied; so many have its encrypted state and what is known of it, but no machine and no role. */
const layOut = async (bench: BenchPlatform, workspaces: number): Promise<void> => {
  const target = localTarget(bench);
  await makeLab(target).provide(
    'vm-provisioning',
    target.machine({ name: 'drift-template', workspace: template }),
  );
  await removeHosts(bench, template);
  const { s3, dynamoDb } = platformClients(bench.platform.gatewayUrl);
  const table = stepEnvironment(bench, 'list-workspaces').WORKSPACES_TABLE ?? '';
  const { Item } = await dynamoDb.send(new GetCommand({ TableName: table, Key: { workspace: template } }));
  if (!Item?.applied) throw new Error(`Nothing is known to be applied in ${template}.`);
  const { applied } = Item;
  const Bucket = bench.outputs.stateBucket;
  const all = Array.from({ length: workspaces }, (_, index) => index);
  await inTurn(all, async (part) => {
    await Promise.all(
      part.map((index) => {
        const Key = stateKey(nameOf(index));
        return isDamaged(index)
          ? s3.send(new PutObjectCommand({ Bucket, Key, Body: 'no state' }))
          : s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/${stateKey(template)}` }));
      }),
    );
    const requests: NonNullable<BatchWriteCommandInput['RequestItems']>[string] = part.map((index) => ({
      PutRequest: {
        Item: {
          workspace: nameOf(index),
          applied: {
            ...applied,
            role: null,
            roleDigest: null,
            roleVariables: {},
            ...(isDrifted(index) && { variables: { ...applied.variables, size: 'large' } }),
          },
        },
      },
    }));
    await dynamoDb.send(new BatchWriteCommand({ RequestItems: { [table]: requests } }));
  });
};

const historyOf = async (
  { stepFunctions }: BenchPlatform,
  executionArn: string,
): Promise<readonly HistoryEvent[]> => {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await stepFunctions.send(
      new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, ...(nextToken && { nextToken }) }),
    );
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken);
  return events;
};

const texts = (value: unknown): readonly string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null && !(value instanceof Date)
      ? Object.values(value).flatMap(texts)
      : [];

const largest = (events: readonly HistoryEvent[]): number =>
  Math.max(0, ...events.flatMap(texts).map((text) => Buffer.byteLength(text)));

/** A check and the plans that it made. */
const readCheck = async (
  bench: BenchPlatform,
  { runId }: SweepFinding,
): Promise<{ executions: readonly Execution[]; largest: number }> => {
  const places = [
    ['drift-check', runId],
    ['terraform-plan', `${runId}-world`],
    ['terraform-plan', `${runId}-plan`],
  ] as const;
  const executions: Execution[] = [];
  const payloads: number[] = [];
  for (const [machine, name] of places) {
    const arn = executionArnOf(bench.outputs.stateMachines[machine] ?? '', name);
    payloads.push(largest(await historyOf(bench, arn)));
    executions.push(await readExecution(bench, machine, arn));
  }
  return { executions, largest: Math.max(...payloads) };
};

const findingsOf = async (
  bench: BenchPlatform,
  { document }: SweepResult,
): Promise<readonly SweepFinding[]> => {
  const { s3 } = platformClients(bench.platform.gatewayUrl);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: document.bucket, Key: document.key }));
  return sweepDocument.parse(JSON.parse((await Body?.transformToString()) ?? 'null')).findings;
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/**
 * A sweep over so many workspaces, with two real plans of each. Of every fifty, one differs from its configuration;
 * of every two hundred, one has a state that nothing can be made of.
 */
export const measureDriftSweep = async (
  bench: BenchPlatform,
  { workspaces, note }: { workspaces: number; note: (text: string) => void },
): Promise<DriftSweepFigures> => {
  note('laying out');
  await layOut(bench, workspaces);
  const { stepFunctions, outputs, signal, platform } = bench;
  const stateMachineArn = outputs.stateMachines['drift-detection'] ?? '';
  const sweep = async (run: { tenant: string; maxConcurrency: number }) => {
    const input = { ...run, reason: 'Benchmark' };
    const began = performance.now();
    const { executionArn } = await startRun(stepFunctions, {
      workflow: 'drift-detection',
      stateMachineArn,
      input,
    });
    const ended = await watchRun(stepFunctions, executionArn, {
      intervalMs: 1000,
      signal,
      onStages: (stages) => {
        const last = stages.at(-1);
        if (last) note(`${last.name}, ${Math.round((performance.now() - began) / 1000)} s`);
      },
    });
    if (ended.status !== 'SUCCEEDED')
      throw new Error(`The sweep ended ${ended.status}: ${ended.error}: ${ended.cause}`);
    const { sweep: found } = endRunOutput.parse(ended.output);
    if (!found) throw new Error('The sweep says nothing of what it found.');
    return { executionArn, ended, found, wall: (performance.now() - began) / 1000 };
  };

  const watched = await watchMemory(platform.settings.gatewayPort);
  const { executionArn, ended, found, wall } = await sweep({ tenant, maxConcurrency: atOnce });
  const memory = await watched();
  const load = loadavg()[1] ?? Number.NaN;

  note('reading histories');
  const findings = await findingsOf(bench, found);
  const each = Math.max(1, Math.floor(findings.length / sampled));
  const sample: Awaited<ReturnType<typeof readCheck>>[] = [];
  for (const finding of findings.filter(({ outcome }, index) => index % each === 0 && outcome !== 'failed'))
    sample.push(await readCheck(bench, finding));
  const own = await readExecution(bench, 'drift-detection', executionArn);
  const events = await historyOf(bench, executionArn);
  const scale = findings.length / sample.length;
  const checks = sample.flatMap(({ executions }) => executions);
  const [ofChecks, ofSweep] = [lambdaUseOf(checks), lambdaUseOf([own])];
  const durations = sample.map(({ executions: [check] }) => sum(Object.values(check?.stages ?? {})));
  const all = Array.from({ length: workspaces }, (_, index) => index);
  const damaged = new Set(all.filter(isDamaged).map(nameOf));
  return {
    atOnce,
    found,
    failures: findings.flatMap(({ workspace, error }) =>
      error ? [{ ...error, workspace, damaged: damaged.has(workspace) }] : [],
    ),
    expected: {
      drifted: all.filter((index) => isDrifted(index) && !isDamaged(index)).length,
      failed: damaged.size,
    },
    wall,
    stages: Object.fromEntries(ended.stages.map(({ name, seconds }) => [name, seconds])),
    check: { p50: percentile(durations, 0.5), p99: percentile(durations, 0.99) },
    memory,
    load,
    events: events.length,
    payload: { sweep: largest(events), check: Math.max(...sample.map((one) => one.largest)) },
    sampled: sample.length,
    transitions: Math.round(
      own.transitions +
        findings.length * itemTransitions +
        sum(checks.map(({ transitions }) => transitions)) * scale,
    ),
    lambda: {
      invocations: Math.round(ofSweep.invocations + ofChecks.invocations * scale),
      gigabyteSeconds: ofSweep.gigabyteSeconds + ofChecks.gigabyteSeconds * scale,
    },
  };
};
