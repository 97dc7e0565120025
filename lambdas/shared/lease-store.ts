import { setTimeout as sleep } from 'node:timers/promises';
import { TransientError } from './errors';
import { type Lease, queueLimit, type Ticket } from './lease-record';
import type { LeaseChange, LeaseTable } from './lease-table';

/** A run and the workspace that it has or wants. */
export interface Claim {
  readonly workspace: string;
  readonly runId: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** The leases, as the steps use them. Every call may be repeated: what it found done stays done. */
export interface LeaseStore {
  find(workspace: string): Promise<Lease | undefined>;
  /** Takes the workspace for a run that runs, or says who has it. Taking what one has succeeds. */
  acquire(claim: Claim): Promise<'acquired' | 'stopped' | { readonly holder: Lease }>;
  /**
   * Puts a run that runs into the queue, or hands it the workspace if that is free by now. Repeated with another
   * token, the run keeps its place and is woken with the newest.
   */
  enqueue(
    claim: Claim & Pick<Ticket, 'taskToken' | 'traceparent'>,
  ): Promise<'granted' | 'queued' | 'stopped' | 'full'>;
  /** Hands the workspace to the first that waits, or leaves the queue. Returns the run that has the workspace now. */
  release(claim: Claim): Promise<string | undefined>;
}

/** One try: an answer, or what to write with the answers for when it was written or its run no longer runs. */
type Step<T> =
  | { readonly answer: T }
  | { readonly change: LeaseChange; readonly written: T; readonly stopped?: T };

/** How often a change that lost a race is made again. */
const attempts = 20;

export const makeLeaseStore = (
  table: LeaseTable,
  pause: (attempt: number) => Promise<unknown> = (attempt) =>
    sleep(Math.random() * Math.min(500, 5 * 2 ** attempt)),
): LeaseStore => {
  /** @throws TransientError when the lease stayed contended for all attempts; nothing was written. */
  const settle = async <T>(
    workspace: string,
    step: (found: Lease | undefined, stopped: ReadonlySet<string>) => Step<T>,
  ): Promise<T> => {
    const stopped = new Set<string>();
    for (let attempt = 0; attempt < attempts; attempt++) {
      const found = await table.read(workspace);
      const next = step(found, stopped);
      if ('answer' in next) return next.answer;
      const how = await table.write(workspace, found, next.change);
      if (how === 'written') return next.written;
      if (how === 'moved') await pause(attempt);
      else if (next.stopped !== undefined) return next.stopped;
      else if (next.change.whileRunning !== undefined) stopped.add(next.change.whileRunning);
    }
    throw new TransientError(`The lease of ${workspace} is contended. Try again.`);
  };
  const held = (found: Lease | undefined, { workspace, runId, at }: Claim): Lease =>
    found
      ? { ...found, revision: found.revision + 1 }
      : { workspace, runId, acquiredAt: at, revision: 1, queue: [] };

  return {
    find: (workspace) => table.read(workspace),
    acquire: (claim) =>
      settle<'acquired' | 'stopped' | { holder: Lease }>(claim.workspace, (found) =>
        found && found.runId !== claim.runId
          ? { answer: { holder: found } }
          : {
              change: { after: held(found, claim), whileRunning: claim.runId },
              written: 'acquired',
              stopped: 'stopped',
            },
      ),
    enqueue: ({ taskToken, traceparent, ...claim }) =>
      settle<'granted' | 'queued' | 'stopped' | 'full'>(claim.workspace, (found) => {
        const { workspace, runId, at } = claim;
        const ticket = { runId, awaits: workspace, traceparent, queuedAt: at, taskToken };
        const now = held(found, claim);
        const change = { whileRunning: runId };
        if (now.runId === runId) {
          const granted = { ...ticket, grantedAt: at, callbackPending: '1' as const };
          return { change: { ...change, after: now, put: granted }, written: 'granted', stopped: 'stopped' };
        }
        const waits = now.queue.includes(runId);
        if (!waits && now.queue.length >= queueLimit) return { answer: 'full' };
        const after = waits ? now : { ...now, queue: [...now.queue, runId] };
        return { change: { ...change, after, put: ticket }, written: 'queued', stopped: 'stopped' };
      }),
    release: ({ workspace, runId, at }) =>
      settle<string | undefined>(workspace, (found, stopped) => {
        if (!found) return { answer: undefined };
        const revision = found.revision + 1;
        if (found.runId !== runId) {
          if (!found.queue.includes(runId)) return { answer: found.runId };
          const queue = found.queue.filter((one) => one !== runId);
          return { change: { after: { ...found, revision, queue }, drop: [runId] }, written: found.runId };
        }
        // A run that was stopped while it waited is handed nothing.
        const [next, ...queue] = found.queue.filter((one) => !stopped.has(one));
        const drop = [runId, ...stopped];
        if (next === undefined) return { change: { after: undefined, drop }, written: undefined };
        return {
          change: {
            after: { workspace, runId: next, acquiredAt: at, revision, queue },
            whileRunning: next,
            grant: { runId: next, at },
            drop,
          },
          written: next,
        };
      }),
  };
};
