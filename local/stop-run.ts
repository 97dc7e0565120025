import { setTimeout as sleep } from 'node:timers/promises';
import { type SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';

const intervalMs = 200;
const patienceMs = 10_000;

/**
 * Stops a run and waits until its end is recorded, so that its worker has stopped and its workspace is free before
 * the platform goes down. Gives up waiting after ten seconds: the next start repairs what is left.
 *
 * @param recordedEnd what was recorded about the run's end, if anything
 */
export const stopRun = async (
  client: SFNClient,
  executionArn: string,
  recordedEnd: () => Promise<unknown>,
): Promise<void> => {
  await client.send(
    new StopExecutionCommand({
      executionArn,
      error: 'RunStoppedError',
      cause: 'The command that started the run was interrupted.',
    }),
  );
  const deadline = Date.now() + patienceMs;
  while ((await recordedEnd()) === undefined && Date.now() < deadline) await sleep(intervalMs);
};
