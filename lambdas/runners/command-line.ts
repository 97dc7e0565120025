import { parseArgs } from 'node:util';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { z } from 'zod';
import { describeIssues } from '../shared/define-step';
import { canonicalJson } from '../shared/digest';
import { InvalidInputError, StepError } from '../shared/errors';
import { logger } from '../shared/logger';
import { runId } from '../shared/names';
import type { Artifacts } from './artifacts';
import {
  type RunnerInput,
  type RunnerOutput,
  runnerInput,
  runnerOutput,
  type runnerReport,
} from './contract';
import type { TaskLimits } from './run-task';

type RunnerReport = z.infer<typeof runnerReport>;

interface CommandLineDeps {
  readonly s3: Pick<S3Client, 'send'>;
  readonly artifacts: Pick<Artifacts, 'put'>;
  readonly runTask: (input: RunnerInput, limits: TaskLimits) => Promise<RunnerOutput>;
  readonly stop: AbortSignal;
}

const options = {
  'task-input': { type: 'string' },
  'task-input-s3': { type: 'string' },
  /** Name of the report; the task's own by default. */
  'result-name': { type: 'string' },
  'timeout-seconds': { type: 'string', default: '3600' },
} as const;

const readInput = async (
  s3: CommandLineDeps['s3'],
  given: { inline: string | undefined; s3: string | undefined },
): Promise<unknown> => {
  if ((given.inline === undefined) === (given.s3 === undefined))
    throw new InvalidInputError('Give exactly one of --task-input JSON and --task-input-s3 s3://bucket/key.');
  let text = given.inline ?? '';
  if (given.s3 !== undefined) {
    const [, bucket, key] = /^s3:\/\/([a-z0-9.-]{3,63})\/(.{1,1024})$/.exec(given.s3) ?? [];
    if (!bucket || !key) throw new InvalidInputError('--task-input-s3 takes s3://bucket/key.');
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    text = (await Body?.transformToString()) ?? '';
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidInputError('The task input is no JSON.');
  }
};

const reportOf = async (work: () => Promise<RunnerOutput>): Promise<RunnerReport> => {
  try {
    return { ok: true, output: runnerOutput.parse(await work()) };
  } catch (error) {
    if (!(error instanceof StepError)) logger.error('the task broke', error as Error);
    const { name, message } = error instanceof Error ? error : new Error('unknown');
    return { ok: false, error: { name, message } };
  }
};

/**
 * Does the task that the arguments name and leaves a report at `runs/<runId>/results/<result-name>.json`.
 *
 * @returns the exit code: 0 when a report was written (of a result or a named error), 2 when no report could be
 * written because the input names no run.
 */
export const runCommandLine = async (args: readonly string[], deps: CommandLineDeps): Promise<number> => {
  let input: unknown;
  let resultName: string;
  let timeoutSeconds: number;
  try {
    const { values } = parseArgs({ args: [...args], options, strict: true });
    input = await readInput(deps.s3, { inline: values['task-input'], s3: values['task-input-s3'] });
    const given = input as { task?: unknown } | null;
    resultName = values['result-name'] ?? String(given?.task);
    timeoutSeconds = Number(values['timeout-seconds']);
    if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(resultName) || !(timeoutSeconds > 0))
      throw new InvalidInputError('--result-name or --timeout-seconds is malformed.');
  } catch (error) {
    logger.error(error instanceof Error ? error.message : 'The arguments do not fit.');
    return 2;
  }
  const parsed = runnerInput.safeParse(input);
  const namedRun = runId.safeParse((input as { run?: { runId?: unknown } } | null)?.run?.runId);
  if (!namedRun.success) {
    logger.error('The task input names no run, so that no report can be written.');
    return 2;
  }
  const report = await reportOf(async () => {
    if (!parsed.success)
      throw new InvalidInputError(`The input does not fit. ${describeIssues(parsed.error)}`);
    return deps.runTask(parsed.data, { timeMs: timeoutSeconds * 1000, stop: deps.stop });
  });
  await deps.artifacts.put(
    `runs/${namedRun.data}/results/${resultName}.json`,
    canonicalJson(report),
    'application/json',
  );
  return 0;
};
