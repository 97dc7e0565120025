import {
  type CredentialClient,
  makeCredentialClient,
  type Stage,
} from '../../lambdas/credential-client/credential-client';

/** How long a read is under way at most, in seconds; until then it lands whenever the test says. */
const slowestRead = 5;

/**
 * A credential that is rotated step by step, its store and its target, in a time of its own: nothing lands and nobody
 * waits until the test moves on. Retiring keeps to the overlap; everything else comes in any order.
 */
export const aRotatedCredential = ({ overlapSeconds }: { readonly overlapSeconds: number }) => {
  let now = 0;
  let isDown = false;
  let made = 1;
  let labels: { current: string; previous?: string } = { current: 'v1' };
  let pending: string | undefined;
  let drainedAt: number | undefined;
  let wentBack = false;
  const accepted = new Set(['v1']);
  const reads: { readonly answer: () => void; readonly since: number }[] = [];
  const sleepers: { readonly wake: () => void; readonly at: number }[] = [];

  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  const land = async (which = 0): Promise<void> => {
    reads.splice(which % Math.max(1, reads.length), 1)[0]?.answer();
    await settle();
  };
  const landAll = async (olderThan = Number.POSITIVE_INFINITY): Promise<void> => {
    for (let found = 0; found >= 0; ) {
      found = reads.findIndex(({ since }) => since < olderThan);
      if (found >= 0) await land(found);
    }
  };

  /** `early`: a read answers as things stood when it was asked, however late it lands. */
  const client = (offset: () => number, early: () => boolean): CredentialClient =>
    makeCredentialClient({
      read: (stage: Stage) => {
        const then = { ...labels }[stage];
        return new Promise((resolve, reject) => {
          reads.push({
            since: now,
            answer: () =>
              isDown
                ? reject(Object.assign(new Error('too busy'), { name: 'ThrottlingException' }))
                : resolve(early() ? then : labels[stage]),
          });
        });
      },
      clock: () => (now + offset()) * 1000,
      random: () => 0.99,
      wait: (milliseconds) =>
        new Promise((wake) => {
          sleepers.push({ wake, at: now + milliseconds / 1000 });
        }),
      maxAgeSeconds: 300,
      overlapSeconds,
    });

  return {
    client,
    accepts: (value: string): boolean => accepted.has(value),
    /** The next step of the rotation, if its time has come. */
    step: (): void => {
      if (drainedAt !== undefined) {
        if (now < drainedAt) return;
        if (labels.previous !== undefined) accepted.delete(labels.previous);
        labels = { current: labels.current };
        drainedAt = undefined;
      } else if (pending === undefined) {
        made += 1;
        pending = `v${made}`;
      } else if (!accepted.has(pending)) accepted.add(pending);
      else {
        labels = { current: pending, previous: labels.current };
        pending = undefined;
        wentBack = false;
        drainedAt = now + overlapSeconds;
      }
    },
    /** Back to what was current, as after a promotion that proved wrong: once. */
    goBack: (): void => {
      if (drainedAt === undefined || wentBack || labels.previous === undefined) return;
      wentBack = true;
      labels = { current: labels.previous, previous: labels.current };
      drainedAt = now + overlapSeconds;
    },
    land,
    landAll,
    setDown: async (down: boolean): Promise<void> => {
      await landAll();
      isDown = down;
    },
    pass: async (seconds: number): Promise<void> => {
      await landAll(now + seconds - slowestRead);
      now += seconds;
      for (const sleeper of sleepers.filter(({ at }) => at <= now)) {
        sleepers.splice(sleepers.indexOf(sleeper), 1);
        sleeper.wake();
      }
      await settle();
    },
    now: (): number => now,
    settle,
  };
};
