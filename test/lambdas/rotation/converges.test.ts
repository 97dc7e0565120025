import fc from 'fast-check';
import { everyFault, type Fault, FaultPlan } from '../../support/faulty-ports';
import { credential, rotatingWorld } from '../../support/rotating';

/** Calls of one rotation up to its drain, so that a fault meets each. */
const callsOfOne = async (): Promise<number> => {
  const plan = new FaultPlan();
  await rotatingWorld().process(plan).rotate({ credential, runId: 'run', force: true });
  return plan.calls;
};

/** One run with faults; what it threw or whether it was killed is nobody's business: the next one goes on. */
const attempt = async (
  world: ReturnType<typeof rotatingWorld>,
  runId: string,
  plan: FaultPlan,
): Promise<void> => {
  await world
    .process(plan)
    .rotate({ credential, runId, force: true })
    .catch(() => undefined);
  world.check();
};

const afterwards = async (world: ReturnType<typeof rotatingWorld>): Promise<void> => {
  await world.converge();
  world.check();
  expect(world.journal.records.get(credential)?.rotation).toBeUndefined();
  for (const label of ['AWSPENDING', 'AWSPREVIOUS'])
    expect(world.manager.bearing(credential, label)).toEqual([]);
};

test.each(everyFault)(
  'a call that %s, at any point, harms nobody, and the next runs end it',
  async (fault) => {
    const calls = await callsOfOne();
    expect(calls).toBeGreaterThan(20);
    for (let at = 0; at < calls; at++) {
      const world = rotatingWorld();
      await attempt(world, 'run', new FaultPlan([[at, fault]]));
      await afterwards(world);
    }
  },
);

const faults = fc.uniqueArray(fc.tuple(fc.nat(60), fc.constantFrom<Fault>(...everyFault)), {
  selector: ([at]) => at,
  maxLength: 6,
});

test('any sequence of runs, faults, kills, pauses and native rotations converges, and no reader notices', async () => {
  const happening = fc.oneof(
    fc.record({ runId: fc.constantFrom('a', 'b'), faults }),
    fc.record({ seconds: fc.constantFrom(1, 200, 700, 3_000_000) }),
    fc.record({ native: fc.nat(3) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 8 }), async (happenings) => {
      const world = rotatingWorld();
      for (const one of happenings)
        if ('seconds' in one) world.pass(one.seconds);
        else if ('faults' in one) await attempt(world, one.runId, new FaultPlan(one.faults));
        else
          try {
            world.manager.beginNative(credential, `native-${one.native}`);
          } catch {
            // It refuses while a version is pending, as the service does.
          }
      world.pass(200);
      await world.converge();
      // What RotateSecret left pending without a value waits for the next rotation.
      world.pass(3_000_000);
      await afterwards(world);
    }),
    { numRuns: 60 },
  );
});

test('two runs at once harm nobody', async () => {
  await fc.assert(
    fc.asyncProperty(faults, faults, fc.scheduler(), async (one, other, scheduler) => {
      const world = rotatingWorld();
      const start = (runId: string, planned: typeof one) => {
        const plan = new FaultPlan(planned);
        return scheduler.schedule(Promise.resolve(runId)).then(() => attempt(world, runId, plan));
      };
      const both = Promise.all([start('a', one), start('b', other)]);
      await scheduler.waitAll();
      await both;
      world.pass(200);
      await afterwards(world);
    }),
    { numRuns: 40 },
  );
});
