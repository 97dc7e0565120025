import type { Ledger } from '../shared/ledger';
import { logger } from '../shared/logger';
import { type Callback, type Callbacks, undeliverableEvent } from './callbacks';
import type { SendCallbackInput, SendCallbackOutput } from './contract';

interface Deps {
  readonly approvals: Callbacks;
  readonly leases: Callbacks;
  readonly ledger: Ledger;
  /** Resumes the run that waits with this token, or fails what it waits for. */
  readonly resume: (taskToken: string, answer: Callback['answer']) => Promise<void>;
  readonly now: () => Date;
}

/** Step Functions' names for a token that nothing waits with any more. */
const nobodyWaits: ReadonlySet<string> = new Set(['TaskTimedOut', 'InvalidToken', 'TaskDoesNotExist']);

/** Whether the SDK had sent it before, and heard no answer. */
const wasRepeated = (error: unknown): boolean =>
  ((error as { $metadata?: { attempts?: number } }).$metadata?.attempts ?? 1) > 1;

/** A sweep that finds more leaves the rest to the next one. */
const sweepLimit = 100;

/**
 * Hands answers to the runs that wait for them: decisions, and workspaces that became free. The order makes every
 * crash repairable by the next sweep: the ledger first (idempotent), then the callback, and only then the flag.
 */
export const makeSendCallback = (deps: Deps) => {
  const deliver = async (from: Callbacks, id: string): Promise<'sent' | 'undeliverable' | 'nothing'> => {
    const callback = await from.get(id);
    if (!callback) return 'nothing';
    for (const event of [...callback.earlier, callback.event]) await deps.ledger.append(event);
    await callback.countTry();
    try {
      await deps.resume(callback.taskToken, callback.answer);
    } catch (error) {
      const reason = error instanceof Error ? error.name : 'unknown';
      if (!nobodyWaits.has(reason)) throw error;
      // Another sender may have delivered it in the meantime, which ends the task just the same.
      const now = await from.get(id);
      if (now?.taskToken !== callback.taskToken) return 'nothing';
      // One that tried before may have delivered it without coming to say so: then nobody knows.
      const isKnown = now.tries === 1 && !wasRepeated(error);
      if (isKnown)
        await deps.ledger.append(undeliverableEvent(id, callback, { reason, at: deps.now().toISOString() }));
      else logger.warn('nobody knows whether an earlier try delivered a callback', { id, reason });
      await callback.clear();
      return isKnown ? 'undeliverable' : 'nothing';
    }
    await callback.clear();
    return 'sent';
  };

  const sweep = async (result: SendCallbackOutput): Promise<void> => {
    for (const from of [deps.approvals, deps.leases])
      for (const id of await from.pending(sweepLimit)) {
        try {
          const how = await deliver(from, id);
          if (how !== 'nothing') result[how].push(id);
        } catch (error) {
          const code = error instanceof Error ? error.name : 'unknown';
          logger.error('a callback failed; the next sweep tries again', { id, code });
          result.failed.push(id);
        }
      }
  };

  return async (input: SendCallbackInput): Promise<SendCallbackOutput> => {
    const result: SendCallbackOutput = { sent: [], undeliverable: [], failed: [] };
    if ('sweep' in input) {
      await sweep(result);
      return result;
    }
    const [from, id] =
      'approvalId' in input ? [deps.approvals, input.approvalId] : [deps.leases, input.leasedTo];
    const how = await deliver(from, id);
    if (how !== 'nothing') result[how].push(id);
    return result;
  };
};
