/** A label of a credential's versions: the one in use, and the one before it while it still works. */
export type Stage = 'current' | 'previous';

export interface CurrentAndPrevious {
  readonly current: string;
  readonly previous?: string;
}

/** What a client tells of itself. No value is in it, nor anything made from one. */
export type CredentialEvent =
  /** What is held goes on being used: the store did not answer. `error` is the error's name. */
  | { readonly type: 'refresh-failed'; readonly error: string }
  /** The target refused what is held; `tries`: how many values it was asked with. */
  | { readonly type: 'refused'; readonly tries: number }
  /** A signature fits none of the keys that are held, so that the store is asked. */
  | { readonly type: 'unknown-signature' };

export interface CredentialClientOptions {
  /** The value that has a label now; `undefined` where no version has it. Bounded in time by whoever writes it. */
  readonly read: (stage: Stage) => Promise<string | undefined>;
  /** Milliseconds since any moment. @default the process's own clock, which nobody sets */
  readonly clock?: () => number;
  /** From 0 up to 1. @default Math.random */
  readonly random?: () => number;
  /** A value is read again before it is this old: after half of it at the earliest, the rest by chance. @default 300 */
  readonly maxAgeSeconds?: number;
  /** For so long a replaced value goes on working: the credential's tag `rotation-overlap`. @default 3600 */
  readonly overlapSeconds?: number;
  /** The store is not asked more often than this because of refusals, nor again sooner after it failed. @default 10 */
  readonly retrySeconds?: number;
  /** Nor more often than this because of unknown signatures; whoever brings one waits for as long, at most. @default 1 */
  readonly unknownSeconds?: number;
  /** @default setTimeout */
  readonly wait?: (milliseconds: number) => Promise<void>;
  /** @default tells nobody */
  readonly onEvent?: (event: CredentialEvent) => void;
}

export interface CredentialClient {
  /** The value to use now. */
  readonly current: () => Promise<string>;
  /** For whoever signs with both, or shows both: `previous` is there while a replaced one still counts. */
  readonly currentAndPrevious: () => Promise<CurrentAndPrevious>;
  /**
   * Calls `use` with the value. Where that is refused, with the one that is current in the store now, then with the one
   * before it. What fails otherwise is thrown as it is, and so is the last refusal.
   */
  readonly withCredential: <T>(
    use: (value: string) => Promise<T>,
    isAuthenticationError: (error: unknown) => boolean,
  ) => Promise<T>;
  /**
   * The first answer of `check` to a key that may have signed something: current, previous, and whatever else a read
   * that begins from now on brings. `undefined` where none of them did.
   */
  readonly verify: <T>(check: (key: string) => T | undefined) => Promise<T | undefined>;
}

/** What whoever signs and verifies needs of a client. */
export type SigningKeys = Pick<CredentialClient, 'current' | 'verify'>;

interface Held extends CurrentAndPrevious {
  readonly hasPrevious: boolean;
  /** What is used first: current, unless only previous was accepted since it was read. */
  readonly preferred: string;
}

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const valuesOf = ({ current, previous }: CurrentAndPrevious): string[] =>
  previous === undefined ? [current] : [current, previous];

/**
 * Keeps a credential at hand while it is rotated: cached, read again before what is held can be refused, and at once
 * when it is. A store that is down or too busy changes nothing as long as what is held works. Never logs.
 *
 * @throws Error when the maximum age is not below the overlap.
 */
export const makeCredentialClient = ({
  read,
  clock = () => performance.now(),
  random = Math.random,
  maxAgeSeconds = 300,
  overlapSeconds = 3600,
  retrySeconds = 10,
  unknownSeconds = 1,
  wait = sleep,
  onEvent = () => undefined,
}: CredentialClientOptions): CredentialClient => {
  if (!(maxAgeSeconds > 0 && maxAgeSeconds < overlapSeconds))
    throw new Error(
      `A value may be held for ${maxAgeSeconds} s, and a replaced one works for ${overlapSeconds} s: the first must be the smaller.`,
    );
  let held: Held | undefined;
  /** Between these two moments what is held is used as it is; before the first, the clock was set back. */
  let untouched = { from: 0, until: 0 };
  let wantsPrevious = false;
  let inFlight: Promise<Held> | undefined;
  let scheduled: Promise<Held> | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  /** All its values were refused. */
  let exhausted: Held | undefined;

  const currentNow = async (): Promise<string> => {
    const current = await read('current');
    if (current === undefined) throw new Error('No version of the credential is current.');
    return current;
  };

  const load = async (): Promise<Held> => {
    const from = clock();
    let current = await currentNow();
    const hasPrevious = wantsPrevious;
    // In this order: whatever is promoted in between, what it replaces is held.
    const previous = hasPrevious ? await read('previous') : undefined;
    // The labels moved in between, so that one of the two is missing.
    if (previous === current) current = await currentNow();
    held = { current, ...(previous !== undefined && { previous }), hasPrevious, preferred: current };
    untouched = { from, until: from + maxAgeSeconds * 1000 * (0.5 + 0.5 * random()) };
    return held;
  };

  /** One at a time. */
  const refresh = (): Promise<Held> => {
    inFlight ??= load().finally(() => {
      inFlight = undefined;
    });
    return inFlight;
  };

  /** What a read brings, or what is held where it brings nothing. */
  const orHeld = async (reading: Promise<Held>): Promise<Held> => {
    try {
      return await reading;
    } catch (error) {
      if (!held) throw error;
      onEvent({ type: 'refresh-failed', error: error instanceof Error ? error.name : 'unknown' });
      const from = clock();
      untouched = { from, until: from + retrySeconds * 1000 * (0.5 + 0.5 * random()) };
      return held;
    }
  };

  const fresh = async (): Promise<Held> => {
    const now = clock();
    return held && now >= untouched.from && now < untouched.until ? held : orHeld(refresh());
  };

  /** From now on; what is held without it is read again. */
  const wantPrevious = (): void => {
    if (!wantsPrevious) untouched = { from: 0, until: 0 };
    wantsPrevious = true;
  };

  /** Of the time between two questions, what is left. A clock that was set back leaves nothing. */
  const left = (seconds: number): number => {
    const passed = clock() - askedAt;
    return passed < 0 ? 0 : Math.max(0, seconds * 1000 - passed);
  };

  /** After a refusal. Whoever has just been answered, or is being, is fresh enough: a replaced value works for longer. */
  const afterRefusal = async (refused: Held): Promise<Held> => {
    if (left(retrySeconds) > 0) return inFlight ? orHeld(inFlight) : (held ?? refused);
    wantPrevious();
    askedAt = clock();
    const found = await orHeld(refresh());
    // A read that was about to end did not know that the one before is wanted.
    return found.hasPrevious ? found : orHeld(refresh());
  };

  /** A read that begins from now on: what is unknown may have been signed with a key that is newer than any before it. */
  const afterUnknown = (): Promise<Held> => {
    scheduled ??= (async () => {
      const milliseconds = left(unknownSeconds);
      if (milliseconds > 0) await wait(milliseconds);
      await inFlight?.catch(() => undefined);
      scheduled = undefined;
      askedAt = clock();
      return refresh();
    })();
    return orHeld(scheduled);
  };

  const currentAndPrevious = async (): Promise<CurrentAndPrevious> => {
    wantPrevious();
    const { current, previous } = await fresh();
    return { current, ...(previous !== undefined && previous !== current && { previous }) };
  };

  return {
    current: async () => (await fresh()).current,
    currentAndPrevious,
    withCredential: async (use, isAuthenticationError) => {
      const first = await fresh();
      const tried = new Set<string>();
      let refusal: unknown;
      const accepted = async (value: string) => {
        tried.add(value);
        try {
          return { answer: await use(value) };
        } catch (error) {
          if (!isAuthenticationError(error)) throw error;
          refusal = error;
          return undefined;
        }
      };
      const atOnce = await accepted(first.preferred);
      if (atOnce) return atOnce.answer;
      const latest = await afterRefusal(first);
      if (latest !== exhausted)
        for (const value of valuesOf(latest)) {
          const found = tried.has(value) ? undefined : await accepted(value);
          if (!found) continue;
          if (held === latest) held = { ...latest, preferred: value };
          return found.answer;
        }
      exhausted = latest;
      onEvent({ type: 'refused', tries: tried.size });
      throw refusal;
    },
    verify: async (check) => {
      wantPrevious();
      const known = valuesOf(await fresh());
      for (const key of known) {
        const answer = check(key);
        if (answer !== undefined) return answer;
      }
      onEvent({ type: 'unknown-signature' });
      for (const key of valuesOf(await afterUnknown())) {
        const answer = known.includes(key) ? undefined : check(key);
        if (answer !== undefined) return answer;
      }
      return undefined;
    },
  };
};
