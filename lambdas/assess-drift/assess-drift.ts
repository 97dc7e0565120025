import type { Artifacts } from '../runners/artifacts';
import type { DriftResult, ObjectRef } from '../shared/contract';
import { canonicalJson, digestOf } from '../shared/digest';
import type { DriftDocument, DriftItem } from '../shared/drift-document';
import type { Ledger } from '../shared/ledger';
import type { ImpersonalEvent } from '../shared/ledger-event';
import { tenantOf } from '../shared/names';
import { plannedChanges } from '../shared/planned-changes';
import { playDocument } from '../shared/play-document';
import type { ReadArtifact } from '../shared/read-artifact';
import type { WorkspaceStore } from '../shared/workspace-store';
import type { AssessDriftInput } from './contract';

interface Deps {
  readonly readArtifact: ReadArtifact;
  readonly artifacts: Pick<Artifacts, 'put'>;
  readonly workspaces: Pick<WorkspaceStore, 'get' | 'setDrift'>;
  readonly ledger: Ledger<ImpersonalEvent>;
}

type Found = Pick<DriftItem, 'in' | 'what' | 'how' | 'digest'>;

/** So many first sightings are remembered of one workspace, which is what one record holds. */
const remembered = 4000;

const inPlan = async (deps: Deps, where: Found['in'], document: ObjectRef): Promise<Found[]> =>
  (await plannedChanges(deps.readArtifact, document)).map(({ address, action, digest }) => ({
    in: where,
    what: address,
    how: action,
    digest: digest.slice(0, 16),
  }));

const onHosts = async (deps: Deps, document: ObjectRef): Promise<Found[]> =>
  (await deps.readArtifact(document, playDocument)).hosts.flatMap(({ name, isNew, tasks }) =>
    isNew
      ? []
      : tasks
          .filter(({ status }) => status === 'changed')
          .map((task) => ({
            in: 'host' as const,
            what: name,
            how: task.name,
            digest: digestOf(task.detail).slice(0, 16),
          })),
  );

/**
 * What drifted, item by item, and since when. A drift that is seen again keeps the time at which it was first seen; one
 * that somebody accepted is not open, until it changes or is gone.
 */
export const makeAssessDrift =
  (deps: Deps) =>
  async ({ run, at, partOf, world, plan, play }: AssessDriftInput): Promise<DriftResult> => {
    const known = (await deps.workspaces.get(run.workspace))?.drift;
    const found = [
      ...(await inPlan(deps, 'state', world.document)),
      ...(await inPlan(deps, 'configuration', plan.document)),
      ...(play ? await onHosts(deps, play.document) : []),
    ];
    const items = new Map<string, DriftItem>();
    for (const { digest, ...item } of found) {
      const key = digestOf(item).slice(0, 16);
      const was = known?.accepted?.[key];
      const accepted = was === digest;
      // What was accepted and differs otherwise now was never seen so.
      const since = was === undefined || accepted ? known?.since[key] : undefined;
      items.set(key, { key, ...item, since: since ?? at, digest, accepted });
    }
    const all = [...items.values()].sort((one, other) => (one.since < other.since ? -1 : 1));
    const document: DriftDocument = {
      version: 1,
      checkedAt: at,
      items: all,
      world: world.document,
      plan: plan.document,
      play: play?.document ?? null,
    };
    const open = all.filter(({ accepted }) => !accepted);
    const of = (where: Found['in']): number => open.filter((item) => item.in === where).length;
    const result: DriftResult = {
      document: await deps.artifacts.put(
        `runs/${run.runId}/drift.json`,
        canonicalJson(document),
        'application/json',
      ),
      total: open.length,
      // A retried call has remembered its own first sightings already.
      new: open.filter(({ since }) => since === at).length,
      accepted: all.length - open.length,
      counts: { state: of('state'), configuration: of('configuration'), host: of('host') },
      since: open[0]?.since ?? null,
    };
    await deps.ledger.append({
      tenant: tenantOf(run.workspace),
      id: `drift.checked:${run.runId}`,
      type: 'drift.checked',
      runId: run.runId,
      actor: 'assess-drift',
      at,
      traceparent: run.traceparent,
      data: {
        workspace: run.workspace,
        total: result.total,
        new: result.new,
        ...(partOf && { partOf }),
        since: result.since,
        document: result.document.sha256,
      },
    });
    await deps.workspaces.setDrift(run.workspace, {
      runId: run.runId,
      checkedAt: at,
      total: open.length,
      document: result.document,
      accepted: Object.fromEntries(
        all.flatMap(({ key, digest, accepted }) => (accepted ? [[key, digest]] : [])),
      ),
      since: Object.fromEntries(all.slice(0, remembered).map(({ key, since }) => [key, since])),
    });
    return result;
  };
