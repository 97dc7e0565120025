import { setTimeout as sleep } from 'node:timers/promises';

/** What one round of load saw. */
export interface LoadReport {
  readonly requests: number;
  /** No host answered well. */
  readonly failed: number;
  /** Answered well, but only by another host than the first that was asked. */
  readonly retried: number;
  /** Attempts that were not answered well, by host and by why. */
  readonly failures: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Good answers by what they said. */
  readonly answers: Readonly<Record<string, number>>;
  readonly slowestMilliseconds: number;
}

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

/**
 * Asks at a steady pace until it is told to stop. A client goes to the next host when one does not answer well, as a
 * load balancer or a browser with several addresses does.
 */
export const driveLoad = async (
  targets: readonly Target[],
  perSecond: number,
  stop: AbortSignal,
): Promise<LoadReport> => {
  const failures: Record<string, Record<string, number>> = {};
  const answers: Record<string, number> = {};
  const totals = { requests: 0, failed: 0, retried: 0, slowestMilliseconds: 0 };
  const request = async (first: number): Promise<void> => {
    const startedAt = performance.now();
    for (let tries = 0; tries < targets.length; tries += 1) {
      const target = targets[(first + tries) % targets.length] as Target;
      const answer = await ask(target.url);
      if ('text' in answer) {
        count(answers, answer.text);
        if (tries > 0) totals.retried += 1;
        totals.slowestMilliseconds = Math.max(totals.slowestMilliseconds, performance.now() - startedAt);
        return;
      }
      failures[target.name] ??= {};
      count(failures[target.name] as Record<string, number>, answer.why);
    }
    totals.failed += 1;
  };
  const open = new Set<Promise<void>>();
  while (!stop.aborted) {
    const asked = request(totals.requests).finally(() => open.delete(asked));
    open.add(asked);
    totals.requests += 1;
    await sleep(1000 / perSecond, undefined, { signal: stop }).catch(() => undefined);
  }
  await Promise.all(open);
  return { ...totals, slowestMilliseconds: Math.round(totals.slowestMilliseconds), failures, answers };
};
