import { setTimeout as sleep } from 'node:timers/promises';

/** What one phase of a load saw. */
export interface PhaseLoad {
  requests: number;
  /** No host answered well. */
  failed: number;
  /** Answered well, but only by another host than the first that was asked. */
  retried: number;
  /** Attempts that were not answered well, by host and by why. */
  readonly failures: Record<string, Record<string, number>>;
  /** Good answers by what they said. */
  readonly answers: Record<string, number>;
  slowestMilliseconds: number;
}

/** By the phase in which a request was made. */
export type LoadReport = Readonly<Record<string, PhaseLoad>>;

export interface Target {
  readonly name: string;
  readonly url: string;
}

const answerWithinMs = 2000;

const count = (into: Record<string, number>, what: string): void => {
  into[what] = (into[what] ?? 0) + 1;
};

const ask = async (url: string): Promise<{ text: string } | { why: string }> => {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(answerWithinMs),
      headers: { connection: 'close' },
    });
    const text = (await response.text()).trim();
    return response.ok ? { text } : { why: `status ${response.status}` };
  } catch (error) {
    const { name, cause } = error as Error & { cause?: { code?: string } };
    return { why: cause?.code ?? name };
  }
};

const request = async (targets: readonly Target[], first: number, seen: PhaseLoad): Promise<void> => {
  seen.requests += 1;
  const startedAt = performance.now();
  for (let tries = 0; tries < targets.length; tries += 1) {
    const target = targets[(first + tries) % targets.length] as Target;
    const answer = await ask(target.url);
    if ('text' in answer) {
      count(seen.answers, answer.text);
      if (tries > 0) seen.retried += 1;
      const took = Math.round(performance.now() - startedAt);
      seen.slowestMilliseconds = Math.max(seen.slowestMilliseconds, took);
      return;
    }
    seen.failures[target.name] ??= {};
    count(seen.failures[target.name] as Record<string, number>, answer.why);
  }
  seen.failed += 1;
};

/**
 * Asks at a steady pace until it is told to stop. A client goes to the next host when one does not answer well, as a
 * load balancer or a browser with several addresses does.
 */
export const driveLoad = async (
  targets: readonly Target[],
  { perSecond, phase, stop }: { perSecond: number; phase: () => string; stop: AbortSignal },
): Promise<LoadReport> => {
  const phases: Record<string, PhaseLoad> = {};
  const open = new Set<Promise<void>>();
  const startedAt = performance.now();
  for (let nth = 0; !stop.aborted; nth += 1) {
    const name = phase();
    phases[name] ??= {
      requests: 0,
      failed: 0,
      retried: 0,
      failures: {},
      answers: {},
      slowestMilliseconds: 0,
    };
    const asked = request(targets, nth, phases[name]).finally(() => open.delete(asked));
    open.add(asked);
    // Against the beginning, so that a machine that is late catches up.
    const wait = Math.max(0, startedAt + ((nth + 1) * 1000) / perSecond - performance.now());
    await sleep(wait, undefined, { signal: stop }).catch(() => undefined);
  }
  await Promise.all(open);
  return phases;
};
