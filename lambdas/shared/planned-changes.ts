import type { ObjectRef } from './contract';
import { digestOf } from './digest';
import { type PlanAction, type PlanGroup, planDocument, planPage } from './plan-document';
import type { ReadArtifact } from './read-artifact';

/** What a plan does with one resource, or one output. */
export interface PlannedChange {
  readonly group: Exclude<PlanGroup, 'since'>;
  readonly address: string;
  readonly action: PlanAction;
  /** Of its attributes as they are shown, redacted: another digest is another change. */
  readonly digest: string;
}

/**
 * Everything that a plan changes, as its document says, page by page.
 *
 * @throws ContentDamagedError | ContentSwappedError
 */
export const plannedChanges = async (
  readArtifact: ReadArtifact,
  document: ObjectRef,
): Promise<PlannedChange[]> => {
  const { groups } = await readArtifact(document, planDocument);
  const found: PlannedChange[] = [];
  for (const { group, content } of groups) {
    if (group === 'since') continue;
    const pages = 'page' in content ? [content.page] : [];
    for (const ref of 'pages' in content ? content.pages : [])
      pages.push(await readArtifact({ bucket: document.bucket, ...ref }, planPage));
    for (const { action, shared, members } of pages.flatMap(({ rows }) => rows))
      found.push(
        ...members.map(({ address, attributes }) => ({
          group,
          address,
          action,
          // Which attributes stand in common depends on what else changes.
          digest: digestOf([...shared, ...attributes].sort((one, other) => (one.path < other.path ? -1 : 1))),
        })),
      );
  }
  return found;
};
