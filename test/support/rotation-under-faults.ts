import { setImmediate as turn } from 'node:timers/promises';
import { makeCredentialClient } from '../../lambdas/credential-client/credential-client';
import { makeEngine } from '../../lambdas/rotation/engine';
import { makeRotate } from '../../lambdas/rotation/rotate';
import { makeSecretsManagerStore } from '../../lambdas/rotation/secrets-manager-store';
import type { Strategy } from '../../lambdas/rotation/strategy';
import { type Fault, FaultPlan } from './faulty-ports';
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

const id = 'orchestrator-test/workspaces/demo/web-01/orders';
const overlap = 600;
/** Calls that move labels or reach the target; after these what bears a label is tried at the target. */
const changing = /^(?:stage|set|test|promote|retire|drop)/;

/**
 * Rotates one credential again and again over the engine, each time with one fault of a plan, while a consumer signs in
 * all the time through the library for consumers. Secrets Manager and the journal are in memory, the target is real;
 * time passes when nothing is left to do but wait.
 */
export const makeRotationUnderFaults = (target: FaultedTarget) => {
  let clock = Date.parse('2026-01-01T00:00:00.000Z');
  const now = () => new Date(clock);
  const manager = new InMemorySecretsManager(now);
  const tags = {
    'rotation-strategy': target.strategy.name,
    'rotation-days': '30',
    owner: 'team-orders',
    consumers: 'orders-api',
    'rotation-overlap': String(overlap),
  };
  manager.create(id, target.value, tags);
  const journal = inMemoryJournal();
  const store = makeSecretsManagerStore(manager, 'orchestrator-test/');
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

  const valuesWith = (label: string) =>
    manager.bearing(id, label).map((version) => manager.valueOf(id, version) ?? '');
  const check = async (method: string): Promise<void> => {
    report.states += 1;
    const rotation = journal.records.get(id)?.rotation;
    const [currents, previous] = [valuesWith('AWSCURRENT'), valuesWith('AWSPREVIOUS')];
    const current = manager.bearing(id, 'AWSCURRENT');
    const wrong = (text: string) => report.violations.push(`after ${method} (${rotation?.step}): ${text}`);
    if (currents.length !== 1) wrong(`${currents.length} versions are current`);
    for (const version of manager.bearing(id, 'AWSPENDING'))
      if (!current.includes(version) && version !== rotation?.version)
        wrong('a version that is not in flight is pending');
    if (!changing.test(method)) return;
    if (!(await target.strategy.works(currents[0] ?? ''))) wrong('the current version does not work');
    // What is drained is locked first and loses its label then.
    if (rotation?.step !== 'retire')
      for (const value of previous)
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
    const before = manager.bearing(id, 'AWSCURRENT')[0];
    const isComplete = () =>
      manager.bearing(id, 'AWSCURRENT')[0] !== before && journal.records.get(id)?.rotation === undefined;
    let attempt = 0;
    while (!isComplete()) {
      if (++attempt > 12) throw new Error(`It does not converge: ${JSON.stringify(journal.records.get(id))}`);
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
        waitUntil(journal.records.get(id)?.lease?.until);
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
      read: async (stage) => valuesWith(stage === 'current' ? 'AWSCURRENT' : 'AWSPREVIOUS')[0],
      clock: () => clock,
      overlapSeconds: overlap,
      maxAgeSeconds: overlap / 2,
      wait: () => turn(),
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
        await turn();
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
