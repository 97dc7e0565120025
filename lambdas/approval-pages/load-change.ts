import type { ChangeStore } from '../shared/change-store';
import type { ChangeRef, ObjectRef } from '../shared/contract';
import { type PageRef, type PlanPage, planDocument, planPage } from '../shared/plan-document';
import { playDocument } from '../shared/play-document';
import type { ReadArtifact } from '../shared/read-artifact';
import { scriptDocument } from '../shared/script-document';
import type { WholeChange } from './change-view';

export type LoadChange = (ref: ChangeRef) => Promise<WholeChange>;

/**
 * Reads a change and its documents in the versions that it names.
 *
 * @throws ContentDamagedError | ContentSwappedError when any bytes are not those that were bound
 */
export const makeLoadChange =
  (deps: { changes: Pick<ChangeStore, 'get'>; readArtifact: ReadArtifact }): LoadChange =>
  async (ref) => {
    const change = await deps.changes.get(ref);
    const [plan, play, script] = await Promise.all([
      change.plan ? deps.readArtifact(change.plan.document, planDocument) : null,
      change.playbook ? deps.readArtifact(change.playbook.document, playDocument) : null,
      change.script ? deps.readArtifact(change.script.document, scriptDocument) : null,
    ]);
    return { change, digest: ref.digest, plan, play, script };
  };

/** Reads one page of a plan that lies beside its document. */
export type ReadPlanPage = (document: ObjectRef, page: PageRef) => Promise<PlanPage>;

/** @throws ChangeMismatchError when its bytes are not those that the bound document names */
export const makeReadPlanPage =
  (readArtifact: ReadArtifact): ReadPlanPage =>
  ({ bucket }, page) =>
    readArtifact({ bucket, ...page }, planPage);
