import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteMessageCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { readMail } from './mail';
import type { MailStore } from './mail-store';

export interface DrainOptions {
  readonly client: SQSClient;
  readonly store: MailStore;
  /** How the names of the queues begin. @default anyhow */
  readonly namePrefix?: string;
  /** Aborting it ends everything. */
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

const DISCOVERY_MS = 1_000;
const POLL_SECONDS = 10;
const RETRY_MS = 1_000;

const nameOf = (queueUrl: string): string => queueUrl.slice(queueUrl.lastIndexOf('/') + 1);

/**
 * Moves what arrives in every queue named like an inbox to the store, until it is told to stop. Queues may appear
 * and vanish as the app is deployed.
 */
export const drainQueues = async (options: DrainOptions): Promise<void> => {
  const { client, signal } = options;
  const drained = new Map<string, Promise<void>>();
  while (!signal.aborted) {
    try {
      const { QueueUrls = [] } = await client.send(
        new ListQueuesCommand({ QueueNamePrefix: options.namePrefix }),
        {
          abortSignal: signal,
        },
      );
      for (const url of QueueUrls) {
        if (!/inbox/i.test(nameOf(url)) || drained.has(url)) continue;
        drained.set(
          url,
          drainQueue(options, url).finally(() => drained.delete(url)),
        );
      }
    } catch {
      // The emulator is starting, or gone; whoever owns it knows.
    }
    await pause(DISCOVERY_MS, signal);
  }
  await Promise.all(drained.values());
};

/** Ends when the queue is gone. */
const drainQueue = async ({ client, store, signal, log }: DrainOptions, queueUrl: string): Promise<void> => {
  while (!signal.aborted) {
    try {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: 10,
          WaitTimeSeconds: POLL_SECONDS,
        }),
        { abortSignal: signal },
      );
      for (const { Body, ReceiptHandle } of Messages) {
        // Kept first, deleted after: a crash between the two delivers it again, and the same mail twice is one.
        if (Body !== undefined) await store.save(readMail(nameOf(queueUrl), Body, new Date()));
        await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Error && /NonExistentQueue|QueueDoesNotExist/.test(error.name)) return;
      log(`inbox ${nameOf(queueUrl)}: ${error instanceof Error ? error.message : String(error)}`);
      await pause(RETRY_MS, signal);
    }
  }
};

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  sleep(milliseconds, undefined, { signal }).catch(() => undefined);
