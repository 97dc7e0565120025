import { defineStep } from '../shared/define-step';
import { makeAwsRunner } from './aws-runner';
import { runnerInput, runnerOutput } from './contract';
import { parseRunnerEnv } from './env';

const env = parseRunnerEnv();
const { runTask } = makeAwsRunner(env);

/** The runner as a Lambda function. */
export const handler = defineStep({
  input: runnerInput,
  output: runnerOutput,
  run: (input, { remainingTimeMs }) =>
    runTask(input, { timeMs: remainingTimeMs() - env.DEADLINE_MARGIN_SECONDS * 1000 }),
});
