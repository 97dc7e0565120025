import * as z from 'zod';
import { objectRef, planMode } from '../shared/contract';
import { canonicalJson } from '../shared/digest';
import { StepError } from '../shared/errors';
import { runId } from '../shared/names';
import {
  type PageRef,
  type PlanDocument,
  type PlanPage,
  planDocument,
  planPage,
} from '../shared/plan-document';
import type { Artifacts } from './artifacts';

const latestPlan = z.strictObject({
  runId,
  plannedAt: z.string().max(32),
  mode: planMode,
  document: objectRef,
});
export type LatestPlan = z.infer<typeof latestPlan>;

const keyOf = (workspace: string): string => `plans/${workspace}/latest.json`;

/** Remembers where the document of a workspace's last plan is; what is compared with it is for information only. */
export const rememberPlan = async (
  artifacts: Artifacts,
  workspace: string,
  plan: LatestPlan,
): Promise<void> => {
  await artifacts.put(keyOf(workspace), canonicalJson(latestPlan.parse(plan)), 'application/json');
};

/** After a plan was carried out, the next one starts from another state: there is nothing to compare it with. */
export const forgetPlan = async (artifacts: Artifacts, workspace: string): Promise<void> => {
  await artifacts.put(keyOf(workspace), 'null', 'application/json');
};

/** The last plan of a workspace that was not carried out, of this kind, if it can still be read. */
export const findLatestPlan = async (
  artifacts: Artifacts,
  workspace: string,
  mode: LatestPlan['mode'],
): Promise<
  (LatestPlan & { content: PlanDocument; readPage: (ref: PageRef) => Promise<PlanPage> }) | undefined
> => {
  const text = await artifacts.find(keyOf(workspace));
  const found = latestPlan.safeParse(text === undefined ? undefined : JSON.parse(text));
  if (!found.success || found.data.mode !== mode) return undefined;
  const { document } = found.data;
  const read = async (ref: { key: string; versionId: string; sha256: string }): Promise<unknown> =>
    JSON.parse(Buffer.from(await artifacts.get({ ...ref, bucket: document.bucket })).toString('utf8'));
  try {
    const content = planDocument.safeParse(await read(document));
    if (!content.success) return undefined;
    return { ...found.data, content: content.data, readPage: async (ref) => planPage.parse(await read(ref)) };
  } catch (error) {
    // Kept for a limited time only.
    if (error instanceof StepError) return undefined;
    throw error;
  }
};
