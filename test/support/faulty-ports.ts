import { TransientError } from '../../lambdas/shared/errors';

/** What befalls one call. A kill: it never returns, having landed or not; whoever comes next starts anew. */
export type Fault = 'fails' | 'lands-then-fails' | 'killed-before' | 'killed-after';

export const everyFault: readonly Fault[] = ['fails', 'lands-then-fails', 'killed-before', 'killed-after'];

const random = (state: number) => () => {
  // Mulberry32: the same sequence on every machine.
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};

/**
 * Where one fault each befalls that many rotations of `calls` calls: every fault at every call once, in the order of the
 * seed, before any comes again.
 */
export const faultPoints = (rotations: number, calls: number, seed: number): (readonly [number, Fault])[] => {
  const next = random(seed);
  const every = Array.from({ length: calls }, (_, at) => everyFault.map((fault) => [at, fault] as const));
  const shuffled = every
    .flat()
    .map((point) => ({ point, rank: next() }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ point }) => point);
  return Array.from(
    { length: rotations },
    (_, n) => shuffled[n % shuffled.length] as readonly [number, Fault],
  );
};

/** Thrown by {@link FaultPlan.run} in the place of what a killed process cannot say. */
export class Killed extends Error {}

const never = new Promise<never>(() => undefined);

/** Counts the calls of all ports that it wraps, from 0, and lets befall each what the plan says. */
export class FaultPlan {
  calls = 0;
  private kill: () => void = () => undefined;
  private readonly plan: ReadonlyMap<number, Fault>;

  constructor(plan: Iterable<readonly [number, Fault]> = []) {
    this.plan = new Map(plan);
  }

  /** The same port, whose methods that answer with a promise are counted. `after`: looks at the world once a call has landed. */
  wrap<Port extends object>(
    port: Port,
    after: (method: string) => void | Promise<void> = () => undefined,
  ): Port {
    return new Proxy(port, {
      get: (target, name, self) => {
        const method = Reflect.get(target, name, self) as unknown;
        if (typeof method !== 'function' || name === 'list') return method;
        return async (...args: unknown[]) => {
          const fault = this.plan.get(this.calls++);
          const broken = () => new TransientError(`${String(name)} failed: a planned fault.`);
          if (fault === 'fails') throw broken();
          if (fault === 'killed-before') return this.die();
          const answer = await method.apply(target, args);
          await after(String(name));
          if (fault === 'lands-then-fails') throw broken();
          if (fault === 'killed-after') return this.die();
          return answer;
        };
      },
    });
  }

  /** A process: its answer, or {@link Killed} as soon as one of its calls is killed. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const killed = new Promise<never>((_, reject) => {
      this.kill = () => reject(new Killed('killed'));
    });
    return Promise.race([work(), killed]);
  }

  private die(): Promise<never> {
    this.kill();
    return never;
  }
}
