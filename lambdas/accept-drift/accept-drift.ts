import type { DriftResult } from '../shared/contract';
import { type DriftItem, driftDocument } from '../shared/drift-document';
import { NoSuchDriftError } from '../shared/errors';
import type { Ledger } from '../shared/ledger';
import { claim, words } from '../shared/ledger-event';
import { tenantOf } from '../shared/names';
import type { ReadArtifact } from '../shared/read-artifact';
import type { WorkspaceStore } from '../shared/workspace-store';
import type { AcceptDriftStep } from './contract';

interface Deps {
  readonly readArtifact: ReadArtifact;
  readonly workspaces: Pick<WorkspaceStore, 'get' | 'setDrift'>;
  readonly ledger: Ledger;
}

/** So many keys stand in an entry of the ledger; the others are counted. */
const namedKeys = 100;

/**
 * Accepts what the last check of a workspace found, exactly as it was shown there. The run has the workspace's lease, so
 * that no check runs meanwhile.
 *
 * @throws NoSuchDriftError
 */
export const makeAcceptDrift =
  (deps: Deps) =>
  async ({ run, at, keys, reason, requestedBy }: AcceptDriftStep): Promise<DriftResult> => {
    const { workspace } = run;
    const drift = (await deps.workspaces.get(workspace))?.drift;
    const items = drift?.document ? (await deps.readArtifact(drift.document, driftDocument)).items : [];
    if (!drift?.document || items.length === 0)
      throw new NoSuchDriftError(
        `The last check of ${workspace} found no drift. Start drift-check, and accept what it finds.`,
      );
    const known = new Map(items.map((item) => [item.key, item]));
    const unknown = keys?.find((key) => !known.has(key));
    if (unknown !== undefined)
      throw new NoSuchDriftError(
        `The last check of ${workspace}, run ${drift.runId}, found no drift with the key ${unknown}. Take keys from its report.`,
      );
    const chosen = keys ?? [...known.keys()];
    const accepted = {
      ...drift.accepted,
      ...Object.fromEntries(chosen.map((key) => [key, known.get(key)?.digest ?? ''])),
    };
    const open = items.filter(({ key, digest }) => accepted[key] !== digest);
    const of = (where: DriftItem['in']): number => open.filter((item) => item.in === where).length;
    await deps.ledger.append({
      tenant: tenantOf(workspace),
      id: `drift.accepted:${run.runId}`,
      type: 'drift.accepted',
      runId: run.runId,
      actor: requestedBy === null ? 'unverified' : claim(requestedBy),
      at,
      traceparent: run.traceparent,
      data: {
        workspace,
        count: chosen.length,
        keys: chosen.slice(0, namedKeys),
        document: drift.document.sha256,
        reasonDigest: words(reason, requestedBy ?? run.runId),
      },
    });
    await deps.workspaces.setDrift(workspace, { ...drift, total: open.length, accepted });
    return {
      document: drift.document,
      total: open.length,
      new: 0,
      accepted: items.length - open.length,
      counts: { state: of('state'), configuration: of('configuration'), host: of('host') },
      since: open[0]?.since ?? null,
    };
  };
