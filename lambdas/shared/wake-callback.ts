import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { SendCallbackInput } from '../send-callback/contract';
import { logger } from './logger';

/** Starts send-callback without waiting for it. Never fails: the sweep repairs what this does not reach. */
export type WakeCallback = (callback: Exclude<SendCallbackInput, { sweep: true }>) => Promise<void>;

export const makeWakeCallback =
  (client: Pick<LambdaClient, 'send'>, functionName: string): WakeCallback =>
  async (callback) => {
    try {
      await client.send(
        new InvokeCommand({
          FunctionName: functionName,
          InvocationType: 'Event',
          Payload: Buffer.from(JSON.stringify(callback)),
        }),
      );
    } catch (error) {
      logger.error('a callback waits for the sweep', { ...callback, code: (error as Error).name });
    }
  };
