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

type Found = Pick<DriftItem, 'in' | 'what' | 'how'>;

/** So many first sightings are remembered of one workspace, which is what one record holds. */
const remembered = 4000;

const inPlan = async (deps: Deps, where: Found['in'], document: ObjectRef): Promise<Found[]> =>
  (await plannedChanges(deps.readArtifact, document)).map(({ address, action }) => ({
    in: where,
    what: address,
    how: action,
  }));

const onHosts = async (deps: Deps, document: ObjectRef): Promise<Found[]> =>
  (await deps.readArtifact(document, playDocument)).hosts.flatMap(({ name, isNew, tasks }) =>
    isNew
      ? []
      : tasks
          .filter(({ status }) => status === 'changed')
          .map((task) => ({ in: 'host' as const, what: name, how: task.name })),
  );

/** What drifted, item by item, and since when. A drift that is seen again keeps the time at which it was first seen. */
export const makeAssessDrift =
  (deps: Deps) =>
  async ({ run, at, world, plan, play }: AssessDriftInput): Promise<DriftResult> => {
    const known = (await deps.workspaces.get(run.workspace))?.drift;
    const found = [
      ...(await inPlan(deps, 'state', world.document)),
      ...(await inPlan(deps, 'configuration', plan.document)),
      ...(play ? await onHosts(deps, play.document) : []),
    ];
    const items = new Map<string, DriftItem>();
    for (const item of found) {
      const key = digestOf(item).slice(0, 16);
      items.set(key, { key, ...item, since: known?.since[key] ?? at });
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
    const of = (where: Found['in']): number => all.filter((item) => item.in === where).length;
    const result: DriftResult = {
      document: await deps.artifacts.put(
        `runs/${run.runId}/drift.json`,
        canonicalJson(document),
        'application/json',
      ),
      total: all.length,
      // A retried call has remembered its own first sightings already.
      new: all.filter(({ since }) => since === at).length,
      counts: { state: of('state'), configuration: of('configuration'), host: of('host') },
      since: all[0]?.since ?? null,
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
        since: result.since,
        document: result.document.sha256,
      },
    });
    await deps.workspaces.setDrift(run.workspace, {
      runId: run.runId,
      checkedAt: at,
      total: all.length,
      since: Object.fromEntries(all.slice(0, remembered).map(({ key, since }) => [key, since])),
    });
    return result;
  };
