import type { AslState } from './asl';

/** What one execution may come to at most. */
export interface Bounds {
  /** In the execution's own history. */
  readonly events: number;
  /** Infinity: as long as the machine's TimeoutSeconds lets it. */
  readonly seconds: number;
}

/** Events that an execution may have before Step Functions ends it: quotas of standard workflows. */
export const mostEvents = 25_000;

/** A child execution or a callback is tried again only when it could not be started: that takes no time of its own. */
const startsAnother = /\.(sync(:2)?|waitForTaskToken)$/;

export const taskBounds = (state: AslState): Bounds => {
  const retries = state.Retry ?? [];
  const tries = 1 + retries.reduce((sum, { MaxAttempts = 3 }) => sum + MaxAttempts, 0);
  const pauses = retries.reduce(
    (sum, { MaxAttempts = 3, IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds }) => {
      let paused = 0;
      for (let turn = 0; turn < MaxAttempts; turn++)
        paused += Math.min(
          IntervalSeconds * BackoffRate ** turn,
          MaxDelaySeconds ?? Number.POSITIVE_INFINITY,
        );
      return sum + paused;
    },
    0,
  );
  const isLong = startsAnother.test(state.Resource ?? '');
  const timeout = typeof state.TimeoutSeconds === 'number' ? state.TimeoutSeconds : Number.POSITIVE_INFINITY;
  return {
    // Entered and exited; each try is scheduled, started and ended, and, where it starts another, submitted.
    events: 2 + tries * (isLong ? 4 : 3),
    seconds: timeout * (isLong ? 1 : tries) + pauses,
  };
};

/** What was explored: each state in each of its circumstances, with what may follow. */
export interface Graph {
  readonly start: string;
  readonly nodes: ReadonlyMap<
    string,
    { readonly state: string; readonly bounds: Bounds; readonly to: readonly string[] }
  >;
}

/** The most that any path comes to; a path that comes back to where it was is told of. */
export const longest = ({ start, nodes }: Graph, onLoop: (states: readonly string[]) => void): Bounds => {
  const done = new Map<string, Bounds>();
  const open = new Set<string>();
  const path: string[] = [start];
  // By hand, not by recursion: a loop that counts makes long paths.
  while (path.length > 0) {
    const node = path.at(-1) as string;
    const found = nodes.get(node);
    if (done.has(node) || !found) {
      open.delete(node);
      path.pop();
      continue;
    }
    open.add(node);
    const missing = found.to.filter((next) => !done.has(next) && nodes.has(next) && !open.has(next));
    const again = found.to.find((next) => open.has(next));
    if (again !== undefined) {
      const from = path.indexOf(again);
      onLoop(path.slice(from).map((one) => nodes.get(one)?.state ?? ''));
    }
    if (missing.length > 0 && again === undefined) {
      path.push(...missing.slice(0, 1));
      continue;
    }
    const after = found.to.flatMap((next) => done.get(next) ?? []);
    done.set(node, {
      events: found.bounds.events + Math.max(0, ...after.map(({ events }) => events)),
      seconds: found.bounds.seconds + Math.max(0, ...after.map(({ seconds }) => seconds)),
    });
    open.delete(node);
    path.pop();
  }
  return done.get(start) ?? { events: 0, seconds: 0 };
};
