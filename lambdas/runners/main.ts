import { RunStoppedError } from '../shared/errors';
import { logger } from '../shared/logger';
import { makeAwsRunner } from './aws-runner';
import { runCommandLine } from './command-line';
import { parseRunnerEnv } from './env';

/** The runner as a program: what a Fargate task or a person at a shell starts. */
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () =>
    stop.abort(
      new RunStoppedError('The worker was told to stop; its tool was interrupted and saved its state.'),
    ),
  );

const main = async (): Promise<number> => {
  const { s3, artifacts, runTask } = makeAwsRunner(parseRunnerEnv());
  return runCommandLine(process.argv.slice(2), { s3, artifacts, runTask, stop: stop.signal });
};

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    logger.error('no report could be written', error);
    process.exitCode = 1;
  },
);
