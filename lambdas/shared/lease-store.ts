import { setTimeout as sleep } from 'node:timers/promises';
import { TransientError } from './errors';
import { type Lease, lineKey, queueLimit, type TenantLine, type Ticket } from './lease-record';
import type { LeaseChange, LeaseTable, Standing } from './lease-table';
import { tenantOf } from './names';
import { hasRoom, holding, joining, leaving, type Serving, serve } from './tenant-line';

/** A run and the workspace that it has or wants. */
export interface Claim {
  readonly workspace: string;
  readonly runId: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** Who has the workspaces of a tenant that may have no more. */
export interface BusyTenant {
  readonly tenant: string;
  readonly cap: number;
  readonly held: TenantLine['held'];
}

/** The leases, as the steps use them. Every call may be repeated: what it found done stays done. */
export interface LeaseStore {
  find(workspace: string): Promise<Lease | undefined>;
  /** Takes the workspace for a run that runs, or says who has it, or who has all that its tenant may have. Taking what one has succeeds. */
  acquire(
    claim: Claim,
  ): Promise<'acquired' | 'stopped' | { readonly holder: Lease } | { readonly busy: BusyTenant }>;
  /**
   * Puts a run that runs into the queue, or hands it the workspace if that is free by now. Repeated with another
   * token, the run keeps its place and is woken with the newest.
   */
  enqueue(
    claim: Claim & Pick<Ticket, 'taskToken' | 'traceparent'>,
  ): Promise<'granted' | 'queued' | 'stopped' | 'full' | 'tenant-full'>;
  /**
   * Hands the workspace to the first that waits, or leaves the queue. Where a cap limits the tenant, the place goes to
   * the first whose workspace is free. Returns the runs that have a workspace now and are to be woken.
   */
  release(claim: Claim): Promise<readonly string[]>;
}

/** What tries before this one have learnt. */
interface Learnt {
  /** Runs that do not run any more. */
  readonly stopped: ReadonlySet<string>;
  /** Workspaces that somebody has of whom the tenant's line does not know: they were taken before there was a cap. */
  readonly occupied: ReadonlySet<string>;
}

/** One try: an answer, or what to write with the answers for when it was written or the run itself no longer runs. */
type Step<T> =
  | { readonly answer: T }
  | { readonly change: LeaseChange; readonly written: T; readonly ifStopped?: { runId: string; answer: T } };

/** How often a change that lost a race is made again. */
const attempts = 20;

const next = (lease: Lease): Lease => ({ ...lease, revision: lease.revision + 1 });
const fresh = ({ workspace, runId, at }: Claim): Lease => ({
  workspace,
  runId,
  acquiredAt: at,
  revision: 1,
  queue: [],
});

export const makeLeaseStore = (
  table: Pick<LeaseTable, 'read' | 'write'>,
  {
    capOf = () => undefined,
    pause = (attempt) => sleep(Math.random() * Math.min(500, 5 * 2 ** attempt)),
  }: {
    /** How many workspaces runs of a tenant may have at once, for who begins and who waits. @default no limit */
    readonly capOf?: (tenant: string) => number | undefined;
    readonly pause?: (attempt: number) => Promise<unknown>;
  } = {},
): LeaseStore => {
  /** @throws TransientError when the lease stayed contended for all attempts; nothing was written. */
  const settle = async <T>(
    workspace: string,
    step: (found: Standing, learnt: Learnt) => Step<T>,
  ): Promise<T> => {
    const stopped = new Set<string>();
    const occupied = new Set<string>();
    for (let attempt = 0; attempt < attempts; attempt++) {
      const found = await table.read(workspace);
      const tried = step(found, { stopped, occupied });
      if ('answer' in tried) return tried.answer;
      const how = await table.write(workspace, found, tried.change);
      if (how === 'written') return tried.written;
      if (how === 'moved') await pause(attempt);
      else if ('occupied' in how) occupied.add(how.occupied);
      else if (how.notRunning === tried.ifStopped?.runId) return tried.ifStopped.answer;
      else stopped.add(how.notRunning);
    }
    throw new TransientError(`The lease of ${workspace} is contended. Try again.`);
  };

  /** The line of a tenant that is limited, or was; with the limit of now. */
  const limited = ({ workspace }: Claim, line: TenantLine | undefined): TenantLine | undefined => {
    const tenant = tenantOf(workspace);
    const cap = capOf(tenant) ?? null;
    if (line) return { ...line, cap, revision: line.revision + 1 };
    return cap === null ? undefined : { workspace: lineKey(tenant), cap, revision: 1, held: {}, queue: [] };
  };
  const handedOut = ({ line, served }: Serving, at: string) => ({
    line: Object.keys(line.held).length + line.queue.length === 0 ? ('gone' as const) : line,
    others: served.map(({ workspace, runId }) => fresh({ workspace, runId, at })),
    grant: { runIds: served.map(({ runId }) => runId), at },
  });

  return {
    find: async (workspace) => (await table.read(workspace)).lease,
    acquire: (claim) =>
      settle<Awaited<ReturnType<LeaseStore['acquire']>>>(claim.workspace, ({ lease, line: found }) => {
        const { workspace, runId } = claim;
        const ifStopped = { runId, answer: 'stopped' } as const;
        if (lease && lease.runId !== runId) return { answer: { holder: lease } };
        const whileRunning = [runId];
        if (lease) return { change: { lease: next(lease), whileRunning }, written: 'acquired', ifStopped };
        const line = limited(claim, found);
        if (line && line.cap !== null && !hasRoom(line))
          return { answer: { busy: { tenant: tenantOf(workspace), cap: line.cap, held: line.held } } };
        return {
          change: { lease: fresh(claim), ...(line && { line: holding(line, claim) }), whileRunning },
          written: 'acquired',
          ifStopped,
        };
      }),
    enqueue: ({ taskToken, traceparent, ...claim }) =>
      settle<Awaited<ReturnType<LeaseStore['enqueue']>>>(
        claim.workspace,
        ({ lease, line: found }, { stopped, occupied }) => {
          const { workspace, runId, at } = claim;
          const ifStopped = { runId, answer: 'stopped' } as const;
          const ticket = { runId, awaits: workspace, traceparent, queuedAt: at, taskToken };
          const granted = { ...ticket, grantedAt: at, callbackPending: '1' as const };
          const whileRunning = [runId];
          if (lease?.runId === runId)
            return {
              change: { lease: next(lease), put: granted, whileRunning },
              written: 'granted',
              ifStopped,
            };
          const line = limited(claim, found);
          const waits = lease?.queue.includes(runId);
          if (lease && (!line || waits)) {
            if (!waits && lease.queue.length >= queueLimit) return { answer: 'full' };
            const after = waits ? next(lease) : { ...next(lease), queue: [...lease.queue, runId] };
            return { change: { lease: after, put: ticket, whileRunning }, written: 'queued', ifStopped };
          }
          if (!line)
            return {
              change: { lease: fresh(claim), put: granted, whileRunning },
              written: 'granted',
              ifStopped,
            };
          const joined = joining(lease ? holding(line, lease) : line, claim);
          if (typeof joined === 'string') return { answer: joined };
          const serving = serve(joined, { skip: occupied, stopped });
          const { grant, ...handed } = handedOut(serving, at);
          const isServed = grant.runIds.includes(runId);
          return {
            change: {
              ...handed,
              // Its holder, who may know of no line yet, has to look again before it gives the workspace back.
              ...(lease && { lease: next(lease) }),
              whileRunning: [...new Set([runId, ...grant.runIds])],
              put: isServed ? granted : ticket,
              grant: { at, runIds: grant.runIds.filter((one) => one !== runId) },
            },
            written: isServed ? 'granted' : 'queued',
            ifStopped,
          };
        },
      ),
    release: (claim) =>
      settle<readonly string[]>(claim.workspace, ({ lease, line }, { stopped, occupied }) => {
        const { workspace, runId, at } = claim;
        if (lease?.runId !== runId) {
          const answer = lease ? [lease.runId] : [];
          const inLine = line?.queue.some((one) => one.runId === runId);
          const inQueue = lease?.queue.includes(runId);
          if (!inLine && !inQueue) return { answer };
          return {
            change: {
              ...(lease &&
                inQueue && {
                  lease: { ...next(lease), queue: lease.queue.filter((one) => one !== runId) },
                }),
              ...(line && inLine && { line: handedOut({ line: leaving(line, claim), served: [] }, at).line }),
              drop: [runId],
            },
            written: answer,
          };
        }
        const drop = [...new Set([runId, ...stopped])];
        if (line) {
          const left = leaving(line, claim, lease.queue);
          const freed = { ...left, queue: left.queue.filter((one) => !stopped.has(one.runId)) };
          const { line: after, others, grant } = handedOut(serve(freed, { skip: occupied, stopped }), at);
          const own = others.find((one) => one.workspace === workspace);
          return {
            change: {
              lease: own ? { ...own, revision: lease.revision + 1 } : 'free',
              line: after,
              others: others.filter((one) => one !== own),
              whileRunning: grant.runIds,
              grant,
              drop,
            },
            written: grant.runIds,
          };
        }
        // A run that was stopped while it waited is handed nothing.
        const [first, ...queue] = lease.queue.filter((one) => !stopped.has(one));
        if (first === undefined) return { change: { lease: 'free', drop }, written: [] };
        return {
          change: {
            lease: { ...fresh({ workspace, runId: first, at }), revision: lease.revision + 1, queue },
            whileRunning: [first],
            grant: { runIds: [first], at },
            drop,
          },
          written: [first],
        };
      }),
  };
};
