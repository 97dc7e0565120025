import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { SendCallbackInput } from '../send-callback/contract';
import type { TendApprovalsInput } from '../tend-approvals/contract';
import { logger } from './logger';

/** Starts a function without waiting for it. Never fails: the function's own sweep repairs what this does not reach. */
type Wake<Input> = (input: Exclude<Input, { sweep: true }>) => Promise<void>;
export type WakeCallback = Wake<SendCallbackInput>;
export type WakeTending = Wake<TendApprovalsInput>;

const makeWake =
  <Input extends object>(client: Pick<LambdaClient, 'send'>, functionName: string): Wake<Input> =>
  async (input) => {
    try {
      await client.send(
        new InvokeCommand({
          FunctionName: functionName,
          InvocationType: 'Event',
          Payload: Buffer.from(JSON.stringify(input)),
        }),
      );
    } catch (error) {
      logger.error('something waits for a sweep', { ...input, code: (error as Error).name });
    }
  };

export const makeWakeCallback = makeWake<SendCallbackInput>;
export const makeWakeTending = makeWake<TendApprovalsInput>;
