import { setTimeout as sleep } from 'node:timers/promises';
import { makeCredentialClient } from '../../lambdas/credential-client/credential-client';
import type { CredentialStore, Labels, Tags } from '../../lambdas/rotation/credential-store';
import { makeEngine } from '../../lambdas/rotation/engine';
import type { Journal } from '../../lambdas/rotation/journal';
import { makeRotate } from '../../lambdas/rotation/rotate';
import { makeSecretsManagerStore } from '../../lambdas/rotation/secrets-manager-store';
import type { Strategy } from '../../lambdas/rotation/strategy';
import { type Fault, FaultPlan, faultPoints } from './faulty-ports';
import { inMemoryJournal } from './in-memory-journal';
import { InMemorySecretsManager } from './in-memory-secrets-manager';

/** A target whose credential is rotated, and a consumer of it. */
export interface FaultedTarget {
  readonly strategy: Strategy;
  readonly value: string;
  /** What a consumer does. */
  readonly signIn: (value: string) => Promise<void>;
  readonly isRefused: (error: unknown) => boolean;
}

export interface FaultReport {
  rotations: number;
  /** Sign-ins of the consumer, and those that were refused whatever it tried. */
  readings: number;
  failures: number;
  /** Refusals that the consumer met by asking again. */
  refreshed: number;
  /** States that were looked at in between, and what was wrong with any. */
  states: number;
  readonly violations: string[];
  mostAttempts: number;
  /** Where faults were: the number of a port's call in a rotation. */
  readonly boundaries: Set<number>;
  readonly milliseconds: number[];
}

type Label = keyof Labels;

/** Where a credential lies, and what is written of its rotations. */
export interface Place {
  readonly id: string;
  readonly store: CredentialStore;
  readonly journal: Journal;
  /** The values of the versions that bear a label now, by version: as whoever reads the store without ours sees them. */
  bearing(label: Label): Promise<ReadonlyMap<string, string>>;
}

/** Makes a credential with its first value. */
export type OpenPlace = (value: string, tags: Tags, now: () => Date) => Promise<Place>;

const inSecretsManager: OpenPlace = async (value, tags, now) => {
  const id = 'orchestrator-test/workspaces/demo/web-01/orders';
  const manager = new InMemorySecretsManager(now);
  manager.create(id, value, tags);
  return {
    id,
    store: makeSecretsManagerStore(manager, { prefix: 'orchestrator-test/', own: [] }),
    journal: inMemoryJournal(),
    bearing: async (label) =>
      new Map(
        manager
          .bearing(id, `AWS${label.toUpperCase()}`)
          .map((version) => [version, manager.valueOf(id, version) ?? '']),
      ),
  };
};

const overlap = 600;
/** Calls that move labels or reach the target; after these what bears a label is tried at the target. */
const changing = /^(?:stage|set|test|promote|retire|drop)/;

/**
 * Rotates one credential again and again over the engine, each time with one fault of a plan, while a consumer signs in
 * all the time through the library for consumers. The target is real, and so is the store where `open` makes one; time
 * passes when nothing is left to do but wait.
 */
export const makeRotationUnderFaults = async (target: FaultedTarget, open: OpenPlace = inSecretsManager) => {
  let clock = Date.parse('2026-01-01T00:00:00.000Z');
  const now = () => new Date(clock);
  const tags = {
    'rotation-strategy': target.strategy.name,
    'rotation-days': '30',
    owner: 'team-orders',
    consumers: 'orders-api',
    'rotation-overlap': String(overlap),
  };
  const { id, store, journal, bearing } = await open(target.value, tags, now);
  const report: FaultReport = {
    rotations: 0,
    readings: 0,
    failures: 0,
    refreshed: 0,
    states: 0,
    violations: [],
    mostAttempts: 0,
    boundaries: new Set(),
    milliseconds: [],
  };

  const check = async (method: string): Promise<void> => {
    report.states += 1;
    const rotation = (await journal.read(id))?.rotation;
    const [current, pending, previous] = [
      await bearing('current'),
      await bearing('pending'),
      await bearing('previous'),
    ];
    const wrong = (text: string) => report.violations.push(`after ${method} (${rotation?.step}): ${text}`);
    if (current.size !== 1) wrong(`${current.size} versions are current`);
    for (const version of pending.keys())
      if (!current.has(version) && version !== rotation?.version)
        wrong('a version that is not in flight is pending');
    if (!changing.test(method)) return;
    for (const value of current.values())
      if (!(await target.strategy.works(value))) wrong('the current version does not work');
    // What is drained is locked first and loses its label then.
    if (rotation?.step !== 'retire')
      for (const value of previous.values())
        if (!(await target.strategy.works(value))) wrong('a previous version does not work');
  };

  const rotateWith = (plan: FaultPlan, strategy: Strategy = target.strategy) => {
    const engine = makeEngine({
      store: plan.wrap(store, check),
      journal: plan.wrap(journal),
      strategies: [plan.wrap(strategy, check)],
      now,
      tell: async () => undefined,
    });
    const rotate = makeRotate(engine, { tries: 2, pause: async () => undefined });
    return (of: Parameters<typeof rotate>[0]) => plan.run(() => rotate(of));
  };
  const waitUntil = (until: string | undefined) => {
    clock = Math.max(clock + 1_000, until === undefined ? 0 : Date.parse(until));
  };

  /** One rotation to its completion; the first of its runs meets the plan. How often a port was called in that run. */
  const rotation = async (plan: FaultPlan, strategy?: Strategy): Promise<number> => {
    const began = performance.now();
    const number = ++report.rotations;
    const [before] = (await bearing('current')).keys();
    const isComplete = async () =>
      !(await bearing('current')).has(before ?? '') && (await journal.read(id))?.rotation === undefined;
    let attempt = 0;
    while (!(await isComplete())) {
      if (++attempt > 12) throw new Error(`It does not converge: ${JSON.stringify(await journal.read(id))}`);
      const rotate = rotateWith(attempt === 1 ? plan : new FaultPlan(), strategy);
      const of = { credential: id, runId: `run-${number}-${attempt}` };
      try {
        let progress = await rotate({ ...of, force: true });
        while (progress.until !== undefined) {
          waitUntil(progress.until);
          progress = await rotate({ ...of, force: true });
        }
      } catch {
        // Whatever ended it, the next run goes on; the lease of one that was killed has to pass.
        waitUntil((await journal.read(id))?.lease?.until);
      }
      await check('a run');
    }
    report.mostAttempts = Math.max(report.mostAttempts, attempt);
    report.milliseconds.push(performance.now() - began);
    return plan.calls;
  };

  /** A consumer that never stops, as long as `work` lasts. */
  const whileRead = async <T>(work: () => Promise<T>): Promise<T> => {
    const client = makeCredentialClient({
      read: async (stage) => [...(await bearing(stage)).values()][0],
      clock: () => clock,
      overlapSeconds: overlap,
      maxAgeSeconds: overlap / 2,
      wait: () => sleep(1),
      onEvent: ({ type }) => {
        if (type === 'refused') report.refreshed += 1;
      },
    });
    let working = true;
    const reading = (async () => {
      while (working) {
        report.readings += 1;
        await client.withCredential(target.signIn, target.isRefused).catch(() => {
          report.failures += 1;
        });
        await sleep(1);
      }
    })();
    try {
      return await work();
    } finally {
      working = false;
      await reading;
    }
  };

  return {
    report,
    whileRead,
    rotation,
    withFault: (at: number, fault: Fault): Promise<number> => {
      report.boundaries.add(at);
      return rotation(new FaultPlan([[at, fault]]));
    },
  };
};

/** `npm run rotation:faults`: ROTATION_RUNS=200 ROTATION_SEED=1; without, a small part. */
const runs = Number(process.env.ROTATION_RUNS ?? 8);
const seed = Number(process.env.ROTATION_SEED ?? 1);

const told = ({ boundaries, violations, milliseconds, ...rest }: FaultReport): string => {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (part: number) => Math.round(sorted[Math.floor(sorted.length * part)] ?? 0);
  return JSON.stringify({
    seed,
    boundaries: boundaries.size,
    violations: violations.length,
    ...rest,
    rotationMilliseconds: { median: at(0.5), p95: at(0.95) },
  });
};

/** Rotates with a fault each, every fault at every call before any comes again: nobody is refused, and each converges. */
export const expectUnnoticed = async (
  name: string,
  { report, rotation, whileRead, withFault }: Awaited<ReturnType<typeof makeRotationUnderFaults>>,
): Promise<void> => {
  await whileRead(async () => {
    const calls = await rotation(new FaultPlan());
    for (const [at, fault] of faultPoints(runs, calls, seed)) await withFault(at, fault);
  });
  if (process.env.ROTATION_RUNS) process.stdout.write(`${name} ${told(report)}\n`);
  expect(report.violations).toEqual([]);
  expect(report.failures).toBe(0);
  expect(report.readings).toBeGreaterThan(runs);
  expect(report.mostAttempts).toBeLessThanOrEqual(3);
};
