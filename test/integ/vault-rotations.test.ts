import { makeEngine } from '../../lambdas/rotation/engine';
import { makeOpenBao } from '../../lambdas/rotation/openbao/client';
import { makeOpenBaoJournal } from '../../lambdas/rotation/openbao/journal';
import { openKvEntries } from '../../lambdas/rotation/openbao/kv-entries';
import { makeOpenBaoStore } from '../../lambdas/rotation/openbao/store';
import { makeRotate } from '../../lambdas/rotation/rotate';
import { makeVaultApprole } from '../../lambdas/rotation/strategies/vault-approle';
import { makeRole } from '../support/approle';
import { type ApproleReader, startApproleReader } from '../support/approle-reader';
import { everyFault, type Fault, FaultPlan } from '../support/faulty-ports';
import { type OpenBaoServer, startOpenBao } from '../support/openbao-server';

/** All faults at all calls of one rotation are some 150; `ROTATIONS=200 npx jest …` tries each. */
const ROTATIONS = Number(process.env.ROTATIONS ?? 10);
const SEED = Number(process.env.SEED ?? 20_260_101);
const OVERLAP_SECONDS = 600;
const id = 'apps/checkout';

jest.setTimeout(120_000 + ROTATIONS * 6_000);
let server: OpenBaoServer;
let reader: ApproleReader;
beforeAll(async () => {
  server = await startOpenBao();
});
afterAll(async () => {
  await reader?.stop();
  await server?.stop();
});

const random = (state: number) => () => {
  // Mulberry32: the same sequence on every machine.
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};

const shuffled = <T>(items: readonly T[], next: () => number): T[] =>
  items
    .map((item) => ({ item, rank: next() }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ item }) => item);

test(`${ROTATIONS} rotations, each with a fault at another call, fail no sign-in and leave nothing behind`, async () => {
  const login = await makeRole(server, 'checkout');
  await server.root.call('POST', `secret/data/${id}`, { data: JSON.parse(login) });
  await server.root.call('POST', `secret/metadata/${id}`, {
    custom_metadata: {
      'rotation-strategy': 'vault-approle',
      'rotation-days': '1',
      'rotation-overlap': String(OVERLAP_SECONDS),
      owner: 'team-checkout',
    },
  });
  const entries = await openKvEntries(server.root, 'secret');
  const [store, journal, strategy] = [
    makeOpenBaoStore(entries),
    makeOpenBaoJournal(entries),
    // A machine that is busy with other tests is no fault that is meant here.
    makeVaultApprole((options) => makeOpenBao({ ...options, timeoutMs: 60_000 })),
  ];
  reader = startApproleReader(server.root, `secret/data/${id}`);

  let clock = Date.now();
  const pass = (seconds: number) =>
    reader.between(() => {
      clock += seconds * 1000;
    });
  const broken: string[] = [];
  const check = async (method = 'run'): Promise<void> => {
    if (['describe', 'read', 'works', 'users', 'make'].includes(method)) return;
    const [{ labels }, record] = [await store.describe(id), await journal.read(id)];
    const { pending, previous } = labels;
    const rotation = record?.rotation;
    if (pending !== undefined && pending !== rotation?.version)
      broken.push('only the version in flight is pending');
    if (previous !== undefined && rotation?.step !== 'retire')
      if (!(await strategy.works(await store.read(id, previous)))) broken.push('a previous version works');
  };
  /** A process of its own, whose calls meet the plan. What it throws is nobody's business: the next goes on. */
  const run = async (runId: string, plan = new FaultPlan()): Promise<number> => {
    const engine = makeEngine({
      store: plan.wrap(store, check),
      journal: plan.wrap(journal),
      strategies: [plan.wrap(strategy, check)],
      now: () => new Date(clock),
      tell: async () => undefined,
    });
    const rotate = makeRotate(engine, { tries: 2, pause: async () => undefined });
    await plan.run(() => rotate({ credential: id, runId })).catch(() => undefined);
    await check();
    return plan.calls;
  };
  /** Runs as a timer does until the credential has changed and nothing is in flight; how many it took to promote. */
  const rotate = async (name: string, plan?: FaultPlan): Promise<number> => {
    await pass(2 * 86_400);
    const before = (await store.describe(id)).labels.current;
    let attempts = 0;
    for (let turn = 0; turn < 8; turn += 1) {
      const isPromoted = (await store.describe(id)).labels.current !== before;
      const { rotation } = (await journal.read(id)) ?? {};
      if (isPromoted && !rotation) return attempts;
      if (turn > 0) await pass(rotation?.drainUntil ? OVERLAP_SECONDS : 200);
      if (!isPromoted) attempts += 1;
      await run(`${name}-${turn}`, turn === 0 ? plan : undefined);
    }
    throw new Error(`${name} does not converge: ${JSON.stringify(await journal.read(id))}`);
  };

  const whole = new FaultPlan();
  expect(await rotate('whole', whole)).toBe(1);
  expect(whole.calls).toBeGreaterThan(20);
  const next = random(SEED);
  const points = Array.from({ length: whole.calls }, (_, at) =>
    everyFault.map((fault) => [at, fault] as const),
  );
  const faults = shuffled(points.flat(), next);
  const attempts: number[] = [];
  for (let n = 0; n < ROTATIONS; n += 1) {
    const planned = [
      faults[n % faults.length],
      ...(n < faults.length ? [] : [faults[Math.floor(next() * faults.length)]]),
    ];
    attempts.push(await rotate(`r${n}`, new FaultPlan(planned as [number, Fault][])));
  }

  expect(Math.max(...attempts)).toBeLessThanOrEqual(3);
  expect([broken, reader.failures]).toEqual([[], []]);
  expect(reader.signIns()).toBeGreaterThan(ROTATIONS * 2);
  const { labels } = await store.describe(id);
  expect(labels).toEqual({ current: labels.current });
  const ids = (await server.root.call('LIST', 'auth/approle/role/checkout/secret-id')) as {
    data: { keys: string[] };
  };
  // One secret-id for each that was made and not destroyed.
  expect(ids.data.keys).toHaveLength(1);
});
