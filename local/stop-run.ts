import { setTimeout as sleep } from 'node:timers/promises';
import { type SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';

const intervalMs = 200;
const patienceMs = 20_000;

/**
 * Stops a run and waits until its end is recorded, its worker has stopped and its workspace is free, before the
 * platform goes down. Gives up waiting in the end: the reconciler of the next start repairs what is left.
 *
 * @param isSettled whether nothing of the run is left to do
 */
export const stopRun = async (
  client: SFNClient,
  executionArn: string,
  isSettled: () => Promise<boolean>,
): Promise<void> => {
  await client.send(
    new StopExecutionCommand({
      executionArn,
      error: 'RunStoppedError',
      cause: 'The command that started the run was interrupted.',
    }),
  );
  const deadline = Date.now() + patienceMs;
  while (!(await isSettled()) && Date.now() < deadline) await sleep(intervalMs);
};
