import * as z from 'zod';
import { rotationItem } from '../list-credentials/contract';
import type { CredentialRecord, Journal } from '../rotation/journal';
import { plainText } from '../shared/plain-text';
import type { ReadArtifact } from '../shared/read-artifact';
import type { ReportRotationInput, ReportRotationOutput } from './contract';

interface Deps {
  readonly journal: Pick<Journal, 'read'>;
  readonly readArtifact: ReadArtifact;
}

/** Records that are read at once, and failures that are named. */
const atOnce = 25;
const named = 10;

type Ending = 'completed' | 'draining' | 'notDue' | { readonly failed: string };

const endingOf = (record: CredentialRecord | undefined, runId: string): Ending => {
  const { rotation, lastResult } = record ?? {};
  const own = lastResult?.runId === runId ? lastResult : undefined;
  if (own && own.outcome !== 'completed' && own.outcome !== 'draining')
    return { failed: `${own.outcome}, ${own.error ?? 'no reason'}: ${own.message ?? ''}` };
  if (rotation?.step === 'drain' || rotation?.step === 'retire') return 'draining';
  if (rotation) return { failed: `not ended: its next step is ${rotation.step}` };
  if (own) return 'completed';
  return record ? 'notDue' : { failed: 'nothing is known of it: look at the map run of this execution' };
};

/** Each rotation has recorded how far it came; nothing of it travels through the state of the workflow. */
export const makeReportRotation =
  ({ journal, readArtifact }: Deps) =>
  async ({ run: { runId }, credentials }: ReportRotationInput): Promise<ReportRotationOutput> => {
    const items = await readArtifact(credentials, z.array(rotationItem));
    const endings: { readonly id: string; readonly ending: Ending }[] = [];
    for (let from = 0; from < items.length; from += atOnce)
      endings.push(
        ...(await Promise.all(
          items
            .slice(from, from + atOnce)
            .map(async ({ credential: id }) => ({ id, ending: endingOf(await journal.read(id), runId) })),
        )),
      );
    const count = (kind: Ending) => endings.filter(({ ending }) => ending === kind).length;
    const failures = endings.flatMap(({ id, ending }) =>
      typeof ending === 'string' ? [] : [plainText(`${id} (${ending.failed})`, 180)],
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
