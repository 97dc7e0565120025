import fc from 'fast-check';
import { aRotatedCredential } from '../support/rotated-credential';

jest.setTimeout(60_000);

class WrongPassword extends Error {}

type Move =
  | { readonly does: 'pass'; readonly seconds: number }
  | { readonly does: 'jump'; readonly who: number; readonly seconds: number }
  | { readonly does: 'land'; readonly which: number }
  | { readonly does: 'step' | 'goBack' | 'call' | 'down' | 'up' | 'forge' };

const move = (...more: Move['does'][]): fc.Arbitrary<Move> =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ does: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 200 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        does: fc.constant('jump' as const),
        who: fc.nat(1),
        seconds: fc.integer({ min: -300, max: 300 }),
      }),
    },
    { weight: 4, arbitrary: fc.record({ does: fc.constant('land' as const), which: fc.nat(5) }) },
    {
      weight: 8,
      arbitrary: fc.record({
        does: fc.constantFrom<'step' | 'goBack' | 'call' | 'down' | 'up' | 'forge'>(
          'step',
          'step',
          'step',
          'call',
          'call',
          'goBack',
          ...(more as 'down'[]),
        ),
      }),
    },
  );

/** All that clocks are set back together; forward costs a read and nothing else. */
const mostBack = 1500;

const clocks = () => {
  const offsets = [0, 0];
  let back = 0;
  return {
    offset: (who: number) => () => offsets[who] ?? 0,
    jump: (who: number, seconds: number): void => {
      if (seconds < 0 && back - seconds > mostBack) return;
      if (seconds < 0) back -= seconds;
      offsets[who] = (offsets[who] ?? 0) + seconds;
    },
  };
};

test('whatever the order of steps, reads, clock jumps and outages: nobody who signs in is refused', async () => {
  let calls = 0;
  let rotations = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(move('down', 'up'), { minLength: 20, maxLength: 120 }),
      fc.infiniteStream(fc.boolean()),
      async (moves, early) => {
        const world = aRotatedCredential({ overlapSeconds: 3600 });
        const { offset, jump } = clocks();
        const clients = [0, 1].map((who) => world.client(offset(who), () => early.next().value));
        const answers: Promise<string>[] = [];
        const call = async (): Promise<void> => {
          for (const client of clients) {
            calls += 1;
            const answer = client.withCredential(
              async (value) => {
                if (!world.accepts(value)) throw new WrongPassword(value);
                return value;
              },
              (error) => error instanceof WrongPassword,
            );
            answer.catch(() => undefined);
            answers.push(answer);
          }
          await world.settle();
        };
        // Nobody can have a credential that the store never gave.
        await call();
        await world.landAll();
        let downSince: number | undefined;
        let calmUntil = 0;
        const up = async (): Promise<void> => {
          if (downSince === undefined) return;
          await world.setDown(false);
          downSince = undefined;
          calmUntil = world.now() + 20;
        };
        for (const one of moves) {
          if (one.does === 'pass') {
            // An outage and what the clocks lose stay below the overlap together.
            if (downSince !== undefined && world.now() + one.seconds - downSince > 1200) await up();
            await world.pass(one.seconds);
            await call();
          } else if (one.does === 'jump') jump(one.who, one.seconds);
          else if (one.does === 'land') await world.land(one.which);
          else if (one.does === 'call') await call();
          else if (one.does === 'up') await up();
          else if (one.does === 'goBack') world.goBack();
          else if (one.does === 'step') world.step();
          else if (downSince === undefined && world.now() >= calmUntil) {
            await world.setDown(true);
            downSince = world.now();
          }
        }
        await world.landAll();
        const values = await Promise.all(answers);
        rotations += new Set(values).size - 1;
      },
    ),
    { numRuns: 400 },
  );
  // Otherwise nothing was shown.
  expect(calls).toBeGreaterThan(5_000);
  expect(rotations).toBeGreaterThan(100);
});

test('whatever the order of steps, reads, forgeries and clock jumps: what was signed is known as long as it lives', async () => {
  const life = 1800;
  let known = 0;
  let keys = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(move('forge'), { minLength: 20, maxLength: 120 }),
      fc.infiniteStream(fc.boolean()),
      async (moves, early) => {
        const world = aRotatedCredential({ overlapSeconds: life + mostBack + 600 });
        const { offset, jump } = clocks();
        const [signer, verifier] = [0, 1].map((who) => world.client(offset(who), () => early.next().value));
        if (!signer || !verifier) throw new Error('two clients');
        const signed: { readonly key: string; readonly at: number }[] = [];
        const answers: Promise<unknown>[] = [];
        const sign = async (): Promise<void> => {
          const asked = signer.current().then((key) => {
            signed.push({ key, at: world.now() });
          });
          answers.push(asked.then(() => true));
          await world.settle();
        };
        const verify = async (): Promise<void> => {
          for (const { key, at } of signed.slice(-3).concat(signed.slice(0, 3)))
            if (world.now() - at < life)
              answers.push(verifier.verify((candidate) => candidate === key || undefined));
          await world.settle();
        };
        for (const one of moves) {
          if (one.does === 'pass') {
            await world.pass(one.seconds);
            await sign();
            await verify();
          } else if (one.does === 'jump') jump(one.who, one.seconds);
          else if (one.does === 'land') await world.land(one.which);
          else if (one.does === 'call') {
            await sign();
            await verify();
          } else if (one.does === 'forge') {
            const nothing = verifier.verify(() => undefined);
            answers.push(nothing.then((answer) => answer === undefined));
            await world.settle();
          } else if (one.does === 'goBack') world.goBack();
          else world.step();
        }
        for (let turn = 0; turn < 6; turn++) {
          await world.landAll();
          await world.pass(2);
        }
        await world.landAll();
        const all = await Promise.all(answers);
        expect(all.every((answer) => answer === true)).toBe(true);
        known += all.length;
        keys += new Set(signed.map(({ key }) => key)).size - 1;
      },
    ),
    { numRuns: 400 },
  );
  expect(known).toBeGreaterThan(5_000);
  expect(keys).toBeGreaterThan(100);
});
