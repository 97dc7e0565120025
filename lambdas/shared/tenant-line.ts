import type { ConcurrencyCaps } from './contract';
import { type Lease, lineLimit, queueLimit, type TenantLine } from './lease-record';

/** How many workspaces runs of a tenant may hold at once. */
export const capsOf =
  ({ tenants, default: others }: ConcurrencyCaps) =>
  (tenant: string): number | undefined =>
    Object.hasOwn(tenants, tenant) ? tenants[tenant] : others;

type Waiting = TenantLine['queue'][number];

/** A line after workspaces were handed out, and to whom. */
export interface Serving {
  readonly line: TenantLine;
  readonly served: readonly Waiting[];
}

/** One transaction holds a hundred writes, and each that is served takes three; the rest is served by the next. */
const mostServed = 10;

const isBelowCap = ({ cap, held }: TenantLine): boolean => cap === null || Object.keys(held).length < cap;
const isFree = ({ held }: TenantLine, { workspace }: Waiting): boolean => !Object.hasOwn(held, workspace);

/** Whether somebody who comes now may have a free workspace: a place is left, and nobody before could have it. */
export const hasRoom = (line: TenantLine): boolean =>
  isBelowCap(line) && !line.queue.some((one) => isFree(line, one));

/** Hands out what is free, first come first. */
export const serve = (
  { queue, ...rest }: TenantLine,
  {
    skip,
    stopped,
  }: {
    /** Workspaces that somebody has all the same. */
    readonly skip: ReadonlySet<string>;
    /** Runs that are handed nothing; they leave the line at their end. */
    readonly stopped: ReadonlySet<string>;
  },
): Serving => {
  let line: TenantLine = { ...rest, queue: [] };
  const served: Waiting[] = [];
  for (const one of queue) {
    const mayBe = !skip.has(one.workspace) && !stopped.has(one.runId);
    const isServed = mayBe && served.length < mostServed && isBelowCap(line) && isFree(line, one);
    if (isServed) {
      served.push(one);
      line = { ...line, held: { ...line.held, [one.workspace]: one.runId } };
    } else line = { ...line, queue: [...line.queue, one] };
  }
  return { line, served };
};

type Claim = Pick<Lease, 'workspace' | 'runId'>;

const without = (line: TenantLine, runId: string): TenantLine => ({
  ...line,
  queue: line.queue.filter((one) => one.runId !== runId),
});

/** The line with a run that has a workspace, and so waits no more. */
export const holding = (line: TenantLine, { workspace, runId }: Claim): TenantLine =>
  without({ ...line, held: { ...line.held, [workspace]: runId } }, runId);

/** The line with a run that waits: at its place if it did before, else at the end, or why it cannot. */
export const joining = (
  line: TenantLine,
  { workspace, runId }: Claim,
): TenantLine | 'full' | 'tenant-full' => {
  if (line.queue.some((one) => one.runId === runId)) return line;
  if (line.queue.filter((one) => one.workspace === workspace).length >= queueLimit) return 'full';
  if (line.queue.length >= lineLimit) return 'tenant-full';
  return { ...line, queue: [...line.queue, { runId, workspace }] };
};

/** The line without a run, and without what it held. Who waited for that before there was a cap comes first. */
export const leaving = (
  line: TenantLine,
  { workspace, runId }: Claim,
  waitedBefore?: readonly string[],
): TenantLine => {
  const { [workspace]: _, ...held } = line.held;
  const left = without({ ...line, revision: line.revision + 1 }, runId);
  return waitedBefore
    ? { ...left, held, queue: [...waitedBefore.map((one) => ({ runId: one, workspace })), ...left.queue] }
    : left;
};
