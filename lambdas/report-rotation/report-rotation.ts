import * as z from 'zod';
import { type RotationItem, rotationItem } from '../list-credentials/contract';
import type { CredentialRecord, Journal } from '../rotation/journal';
import { plainText } from '../shared/plain-text';
import type { ReadArtifact } from '../shared/read-artifact';
import type { ReportRotationInput, ReportRotationOutput } from './contract';

interface Deps {
  readonly journal: Pick<Journal, 'read'>;
  readonly readArtifact: ReadArtifact;
  readonly now: () => Date;
}

/** Records that are read at once, and failures that are named: with what is cut off they fit into the output. */
const atOnce = 25;
const named = 10;
const mostOfFailure = 160;

type Ending = 'completed' | 'draining' | 'notDue' | { readonly failed: string };

const notBegun = 'look at the map run of this execution';

/** @param force it was to be rotated although it was not due */
const endingOf = (
  record: CredentialRecord | undefined,
  { runId, force, now }: { readonly runId: string; readonly force: boolean; readonly now: Date },
): Ending => {
  const { rotation, lastResult, nextDueAt } = record ?? {};
  const own = lastResult?.runId === runId ? lastResult : undefined;
  if (own?.outcome === 'gone') return force ? { failed: 'there is no such secret any more' } : 'notDue';
  if (own && own.outcome !== 'completed' && own.outcome !== 'draining')
    return { failed: `${own.outcome}, ${own.error ?? 'no reason'}: ${own.message ?? ''}` };
  if (rotation?.step === 'drain' || rotation?.step === 'retire') {
    if (own) return 'draining';
    // The overlap of an earlier rotation: whoever wanted another one now has not got it.
    return force
      ? { failed: `not begun: what was before is in its overlap until ${rotation.drainUntil}` }
      : 'notDue';
  }
  if (rotation) return { failed: `not ended: its next step is ${rotation.step}` };
  if (own) return 'completed';
  if (!record) return { failed: `nothing is known of it: ${notBegun}` };
  const isDue = nextDueAt === undefined || Date.parse(nextDueAt) <= now.getTime();
  return force || isDue ? { failed: `it was not begun: ${notBegun}` } : 'notDue';
};

/** Each rotation has recorded how far it came; nothing of it travels through the state of the workflow. */
export const makeReportRotation =
  ({ journal, readArtifact, now }: Deps) =>
  async ({ run: { runId }, credentials }: ReportRotationInput): Promise<ReportRotationOutput> => {
    const items = await readArtifact(credentials, z.array(rotationItem));
    const endings: { readonly id: string; readonly ending: Ending }[] = [];
    const look = async ({ credential: id, force }: RotationItem) => ({
      id,
      ending: endingOf(await journal.read(id), { runId, force, now: now() }),
    });
    for (let from = 0; from < items.length; from += atOnce)
      endings.push(...(await Promise.all(items.slice(from, from + atOnce).map(look))));
    const count = (kind: Ending) => endings.filter(({ ending }) => ending === kind).length;
    const failures = endings.flatMap(({ id, ending }) =>
      typeof ending === 'string' ? [] : [plainText(`${id} (${ending.failed})`, mostOfFailure)],
    );
    return {
      credentials: items.length,
      completed: count('completed'),
      draining: count('draining'),
      notDue: count('notDue'),
      failed: failures.length,
      failures: failures.slice(0, named).join('; '),
    };
  };
