import type { Tags } from '../../lambdas/rotation/credential-store';
import { makeEngine } from '../../lambdas/rotation/engine';
import { makeRotate, type Rotated } from '../../lambdas/rotation/rotate';
import type { RotationEvent } from '../../lambdas/rotation/rotation-event';
import { makeSecretsManagerStore } from '../../lambdas/rotation/secrets-manager-store';
import { AlternatingLogins } from './alternating-logins';
import { FaultPlan } from './faulty-ports';
import { inMemoryJournal } from './in-memory-journal';
import { InMemorySecretsManager } from './in-memory-secrets-manager';

export const credential = 'orchestrator-test/workspaces/demo/web-01/orders';
export const tags = {
  'rotation-strategy': 'alternating-logins',
  'rotation-days': '30',
  owner: 'team-orders',
  consumers: 'orders-api',
  'rotation-overlap': '600',
};

/** One credential with everything that its rotation touches, and a clock. */
export const rotatingWorld = (given: { readonly value?: string; readonly tags?: Tags } = {}) => {
  let clock = Date.parse('2026-01-01T00:00:00.000Z');
  const isSound = given.value === undefined;
  const now = () => new Date(clock);
  const manager = new InMemorySecretsManager(now);
  const first = { username: 'one', password: 'password-0' };
  manager.create(credential, given.value ?? JSON.stringify(first), given.tags ?? tags);
  const logins = new AlternatingLogins(first);
  const journal = inMemoryJournal();
  const told: RotationEvent[] = [];
  const store = makeSecretsManagerStore(manager, { prefix: 'orchestrator-test/', own: [] });

  /** What a reader finds that asks for a label and signs in. */
  const signsIn = (label: string): boolean[] =>
    manager.bearing(credential, label).map((version) => {
      const value = manager.valueOf(credential, version) ?? '';
      return [...logins.logins].some(
        ([username, password]) => value === JSON.stringify({ username, password }),
      );
    });

  /** What must hold at every moment. */
  const check = (): void => {
    const rotation = journal.records.get(credential)?.rotation;
    const current = manager.bearing(credential, 'AWSCURRENT');
    const previous = signsIn('AWSPREVIOUS');
    const pending = manager
      .bearing(credential, 'AWSPENDING')
      .filter((version) => !current.includes(version) && /^[0-9a-f]{64}$/.test(version));
    const broken = [
      isSound && signsIn('AWSCURRENT').join() !== 'true' && 'one current version, which works',
      // Once it is drained it may be locked, and then loses its label.
      rotation?.step !== 'retire' && previous.includes(false) && 'a previous version works',
      pending.some((version) => version !== rotation?.version) && 'only the version in flight is pending',
    ].filter((rule) => rule !== false);
    if (broken.length > 0) throw new Error(`Broken: ${broken.join('; ')}. ${JSON.stringify(rotation)}`);
  };

  /** An engine of a process of its own, whose calls meet the plan. */
  const process = (plan = new FaultPlan()) => {
    const watched = () => check();
    const engine = makeEngine({
      store: plan.wrap(store, watched),
      journal: plan.wrap(journal),
      strategies: [plan.wrap(logins, watched)],
      now,
      tell: async (event) => void told.push(event),
    });
    const rotate = makeRotate(engine, { tries: 2, pause: async () => undefined });
    return { engine, rotate: (of: Parameters<typeof rotate>[0]) => plan.run(() => rotate(of)) };
  };

  const pass = (seconds: number) => {
    clock += seconds * 1000;
  };

  /** Starts runs as a schedule does, without faults, until one has nothing to do; says how many it took. */
  const converge = async (): Promise<number> => {
    for (let attempt = 1; attempt <= 12; attempt++) {
      const done: Rotated = await process().rotate({ credential, runId: `later-${attempt}` });
      if (done.next === 'done' && done.outcome === 'not-due') return attempt;
      pass(done.until ? Math.max(1, (Date.parse(done.until) - clock) / 1000) : 1);
    }
    throw new Error(`It does not converge: ${JSON.stringify(journal.records.get(credential))}`);
  };

  return { manager, logins, journal, store, told, now, pass, check, process, converge, signsIn, first };
};
