import { logger } from '../shared/logger';
import { makeAwsRunner } from './aws-runner';
import { runCommandLine } from './command-line';
import { parseRunnerEnv } from './env';

/** Runs the command line with this process's arguments and signals, and sets its exit code. */
export const runProgram = async (): Promise<void> => {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
  try {
    const { s3, artifacts, runTask } = makeAwsRunner(parseRunnerEnv());
    process.exitCode = await runCommandLine(process.argv.slice(2), {
      s3,
      artifacts,
      runTask,
      stop: stop.signal,
    });
  } catch (error) {
    logger.error('no report could be written', error as Error);
    process.exitCode = 1;
  }
};
