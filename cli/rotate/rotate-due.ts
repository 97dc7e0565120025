import { credentialOf } from '../../lambdas/rotation/credential';
import type { CredentialStore } from '../../lambdas/rotation/credential-store';
import { dueAt } from '../../lambdas/rotation/due';
import type { Journal } from '../../lambdas/rotation/journal';
import type { makeRotate } from '../../lambdas/rotation/rotate';
import { StepError } from '../../lambdas/shared/errors';

/** A line of the log. No secret is in it. */
export type Line = Readonly<Record<string, string | number | boolean | null>>;

interface Ports {
  readonly store: CredentialStore;
  readonly journal: Journal;
  readonly print: (line: Line) => void;
  readonly now: () => Date;
}

interface Pass {
  readonly runId: string;
  /** Only these, due or not. All that there are where it is empty. */
  readonly only: readonly string[];
}

/** Rotations that go on at once. Each waits for its target most of the time. */
const LANES = 4;

/** Other errors than our own may quote what they were given. */
const explain = (error: unknown): { readonly error: string; readonly message: string } =>
  error instanceof StepError
    ? { error: error.name, message: error.message }
    : { error: error instanceof Error ? error.name : 'Error', message: 'The step broke.' };

const idsOf = async ({ store }: Ports, { only }: Pass): Promise<readonly string[]> => {
  if (only.length > 0) return only;
  const ids: string[] = [];
  for await (const { id } of store.list()) ids.push(id);
  return ids.sort();
};

/** Does it for each, a few at once, and says how many did not go well. */
const forEach = async (
  { print }: Ports,
  ids: readonly string[],
  work: (id: string) => Promise<Line & { readonly isWell: boolean }>,
): Promise<number> => {
  const waiting = [...ids];
  let troubled = 0;
  const lane = async (): Promise<void> => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      const credential = id;
      const { isWell, ...line } = await work(id).catch((error: unknown) => ({
        isWell: false,
        outcome: 'failed',
        ...explain(error),
      }));
      if (!isWell) troubled += 1;
      print({ level: isWell ? 'info' : 'error', credential, ...line });
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return troubled;
};

/** One pass over what is due and what is half-finished: how many rotations failed or have to be looked at. */
export const rotateDue = async (
  ports: Ports,
  rotate: ReturnType<typeof makeRotate>,
  pass: Pass,
): Promise<number> => {
  const force = pass.only.length > 0;
  const ids = await idsOf(ports, pass);
  const troubled = await forEach(ports, ids, async (credential) => {
    const { next, outcome, until, because } = await rotate({ credential, runId: pass.runId, force });
    const said = outcome ?? (next === 'busy' ? 'busy' : 'draining');
    return {
      isWell: because === undefined && said !== 'failed' && said !== 'abandoned' && said !== 'rolled-back',
      outcome: said,
      ...(until !== undefined && { until }),
      ...because,
    };
  });
  ports.print({ level: 'info', event: 'pass-ended', credentials: ids.length, troubled });
  return troubled;
};

/** How each stands, and what a pass would do with it; nothing is changed. */
export const tellDue = async (ports: Ports, pass: Pass): Promise<number> => {
  const ids = await idsOf(ports, pass);
  return await forEach(ports, ids, async (id) => {
    const [{ tags, labels }, record] = [await ports.store.describe(id), await ports.journal.read(id)];
    const credential = credentialOf(id, tags);
    const nextDueAt = dueAt(credential, record?.lastRotatedAt ?? (await ports.store.currentSince(id)));
    const inFlight = record?.rotation?.step ?? (labels.previous === undefined ? undefined : 'drain');
    const isDue = ports.now().getTime() >= Date.parse(nextDueAt);
    return {
      isWell: true,
      would: inFlight ?? (isDue || pass.only.length > 0 ? 'rotate' : 'nothing'),
      strategy: credential.strategy,
      owner: credential.owner,
      nextDueAt,
    };
  });
};
