import { CredentialFormatError, CredentialRefusedError } from '../../lambdas/rotation/errors';
import type { Strategy } from '../../lambdas/rotation/strategy';
import { StepError, TransientError } from '../../lambdas/shared/errors';

/** What a strategy's test brings: the strategy and a target of its own for each test. */
export interface StrategyUnderTest {
  readonly strategy: Strategy;
  /** A target with a credential that works: the value of that. */
  newTarget(): Promise<string>;
  /** `value`, as if its target could not be reached. */
  unreachable(value: string): string;
  /** `value` with another secret part, which its target refuses. */
  wrong(value: string): string;
  /** The parts of `value` that no error may hold. */
  secretsOf(value: string): readonly string[];
  /** Values that this strategy does not rotate, beside what no strategy does. */
  readonly foreign: Readonly<Record<string, (value: string) => string>>;
  /**
   * Runs `work` so that it dies at its n-th exchange with the target: what the target was sent stays, and nobody hears
   * the answer. `through` makes a value whose exchanges are counted. Whether it came to an n-th.
   */
  killedAt(n: number, work: (through: (value: string) => string) => Promise<unknown>): Promise<boolean>;
}

const noValues: Readonly<Record<string, string>> = {
  nothing: '',
  'no JSON': 'plain text',
  'a JSON text': '"plain"',
  'a JSON list': '[]',
  'JSON null': 'null',
  'an empty object': '{}',
  'a cut-off object': '{"engine":"postgres","password":"Zz9-cut-off-secret',
  'a prototype': '{"__proto__":{"username":"x"},"password":"Zz9-cut-off-secret"}',
};

const failure = async (work: () => unknown): Promise<unknown> => {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error('It was to fail, and did not.');
};

/** What every strategy must hold, whatever its target; called inside a `describe` of its own. */
export const itConforms = (given: () => StrategyUnderTest, timeoutMilliseconds = 60_000): void => {
  const it = (name: string, work: (under: StrategyUnderTest) => Promise<void>) =>
    test(name, () => work(given()), timeoutMilliseconds);
  const opened = async ({ strategy, newTarget }: StrategyUnderTest) => {
    const current = await newTarget();
    const pending = await strategy.make(current);
    await strategy.set({ current, pending });
    return { current, pending };
  };

  it('makes another value each time, without any effect', async ({ strategy, newTarget }) => {
    const current = await newTarget();
    const [one, another] = [await strategy.make(current), await strategy.make(current)];
    expect(new Set([current, one, another]).size).toBe(3);
    expect(await strategy.works(current)).toBe(true);
    expect(await strategy.works(one)).toBe(false);
  });

  it('sets a value beside the current one, again and again', async (under) => {
    const { strategy } = under;
    const { current, pending } = await opened(under);
    await strategy.set({ current, pending });
    await strategy.set({ current, pending });
    expect([await strategy.works(current), await strategy.works(pending)]).toEqual([true, true]);
  });

  it('tests what was set, again and again, and as the current one afterwards; both keep working', async (under) => {
    const { strategy } = under;
    const { current, pending } = await opened(under);
    await strategy.test({ current, pending });
    await strategy.test({ current, pending });
    await strategy.test({ current: pending, pending });
    expect([await strategy.works(current), await strategy.works(pending)]).toEqual([true, true]);
  });

  it('refuses the test of a value that was never set', async ({ strategy, newTarget, secretsOf }) => {
    const current = await newTarget();
    const pending = await strategy.make(current);
    const error = await failure(() => strategy.test({ current, pending }));
    expect(error).toBeInstanceOf(CredentialRefusedError);
    for (const secret of [...secretsOf(current), ...secretsOf(pending)])
      expect(String(error)).not.toContain(secret);
  });

  it('keeps the old value working until it is retired, and then no longer; again: nothing', async (under) => {
    const { strategy } = under;
    const { current, pending } = await opened(under);
    await strategy.test({ current, pending });
    expect(await strategy.works(current)).toBe(true);
    await strategy.retire({ retired: current, current: pending });
    expect([await strategy.works(current), await strategy.works(pending)]).toEqual([false, true]);
    await strategy.retire({ retired: current, current: pending });
    expect([await strategy.works(current), await strategy.works(pending)]).toEqual([false, true]);
    expect(await strategy.users(current)).toEqual([]);
  });

  it('gives a value up before it is promoted: set or not, the current one stays', async (under) => {
    const { strategy } = under;
    const { current, pending } = await opened(under);
    await strategy.retire({ retired: pending, current });
    await strategy.retire({ retired: await strategy.make(current), current });
    expect([await strategy.works(current), await strategy.works(pending)]).toEqual([true, false]);
    await strategy.set({ current, pending });
    expect(await strategy.works(pending)).toBe(true);
  });

  it('never retires what is current', async (under) => {
    const { strategy, wrong } = under;
    const { current, pending } = await opened(under);
    await strategy.retire({ retired: current, current });
    await strategy.retire({ retired: wrong(current), current });
    expect([await strategy.works(current), await strategy.works(pending)]).toEqual([true, true]);
  });

  it('lives through life cycle after life cycle', async (under) => {
    const { strategy } = under;
    let { current, pending } = await opened(under);
    for (let round = 0; round < 3; round++) {
      await strategy.test({ current, pending });
      await strategy.retire({ retired: current, current: pending });
      current = pending;
      pending = await strategy.make(current);
      await strategy.set({ current, pending });
    }
    expect([await strategy.works(current), await strategy.works(pending)]).toEqual([true, true]);
  });

  it('tells a refused value from a target that cannot be reached', async (under) => {
    const { strategy, newTarget, unreachable, wrong, secretsOf } = under;
    const current = await newTarget();
    const [away, pending] = [unreachable(current), unreachable(await strategy.make(current))];
    expect(await strategy.works(wrong(current))).toBe(false);
    const calls = [
      () => strategy.works(away),
      () => strategy.users(away),
      () => strategy.set({ current: away, pending }),
      () => strategy.test({ current: away, pending }),
      () => strategy.retire({ retired: pending, current: away }),
    ];
    for (const call of calls) {
      const error = await failure(call);
      expect(error).toBeInstanceOf(TransientError);
      for (const secret of [...secretsOf(away), ...secretsOf(pending)])
        expect(String(error)).not.toContain(secret);
    }
  });

  it('names what a value lacks that it does not rotate, and nothing of what stands in it', async (under) => {
    const { strategy, newTarget, foreign, secretsOf } = under;
    const current = await newTarget();
    const changed = Object.entries(foreign).map(([name, change]) => [name, change(current)] as const);
    for (const [name, value] of [...Object.entries(noValues), ...changed]) {
      const error = await failure(() => strategy.make(value));
      expect([name, error]).toEqual([name, expect.any(CredentialFormatError)]);
      for (const secret of [...secretsOf(current), 'Zz9']) expect(String(error)).not.toContain(secret);
    }
  });

  it('goes on where it died, wherever that was', async ({ strategy, killedAt, newTarget }) => {
    const current = await newTarget();
    for (let n = 1, died = true; died; n++) {
      const pending = await strategy.make(current);
      const working = async () => [n, await strategy.works(current), await strategy.works(pending)];
      const dies = (call: (of: { current: string; pending: string }) => Promise<unknown>) =>
        killedAt(n, (through) => call({ current: through(current), pending: through(pending) }));
      died = await dies(strategy.set);
      await strategy.set({ current, pending });
      expect(await working()).toEqual([n, true, true]);
      died = (await dies(strategy.test)) || died;
      await strategy.test({ current, pending });
      expect(await working()).toEqual([n, true, true]);
      died =
        (await dies(({ current: now, pending: retired }) => strategy.retire({ retired, current: now }))) ||
        died;
      await strategy.retire({ retired: pending, current });
      expect(await working()).toEqual([n, true, false]);
    }
  });

  it('fails only with errors that have a name and a sentence', async ({ strategy, newTarget, wrong }) => {
    const current = await newTarget();
    const pending = await strategy.make(current);
    for (const call of [
      () => strategy.set({ current: wrong(current), pending }),
      () => strategy.retire({ retired: pending, current: wrong(current) }),
    ]) {
      const error = await failure(call);
      expect(error).toBeInstanceOf(StepError);
      expect(error).toBeInstanceOf(CredentialRefusedError);
    }
  });
};
