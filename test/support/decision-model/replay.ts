/** What a call threw; the SDK tells how often it sent it. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly $metadata?: { readonly attempts: number };
}

/** What a port answered to one call, or how it failed, and what the clock showed then. */
export type Answered = { readonly at: string } & ({ readonly value: unknown } | { readonly error: Failure });

/** How a call can go wrong: not done; done, but its caller sees a timeout; done twice, of which the caller sees the second. */
export type Fault = 'refused' | 'lost' | 'repeated';
export const faults: readonly Fault[] = ['refused', 'lost', 'repeated'];

export type Call = (port: string, ...given: readonly unknown[]) => Promise<unknown>;

/**
 * A real function with its ports: deterministic but for what these answer. No port asks the clock, so it is enough to
 * read it together with the call before.
 */
export type Program = (call: Call, now: () => Date) => Promise<unknown>;

/** Where a program stands after so many answers of its ports: before its next call, or at its end. */
export type Stand =
  | { readonly next: string; readonly given: readonly unknown[] }
  | { readonly result: unknown }
  | { readonly threw: Error };

export const thrown = (failure: Failure): Error => Object.assign(new Error(failure.message), failure);

/**
 * Runs a program from its beginning with answers that its ports gave before, up to the first call that has none: so a
 * function that waits is data, and can be continued in as many ways as there are.
 */
export const standOf = async (
  program: Program,
  begunAt: string,
  answered: readonly Answered[],
): Promise<Stand> => {
  let calls = 0;
  let at = begunAt;
  let pause: (stand: Stand) => void = () => {};
  const paused = new Promise<Stand>((resolve) => {
    pause = resolve;
  });
  const call: Call = (next, ...given) => {
    const known = answered[calls++];
    if (known === undefined) {
      pause({ next, given });
      return new Promise(() => {});
    }
    at = known.at;
    return 'error' in known ? Promise.reject(thrown(known.error)) : Promise.resolve(known.value);
  };
  const ended = program(call, () => new Date(at)).then(
    (result): Stand => ({ result }),
    (threw: Error): Stand => ({ threw }),
  );
  return Promise.race([paused, ended]);
};
