import type { ReadPlanPage } from '../../lambdas/approval-pages/load-change';
import { makeMask } from '../../lambdas/runners/masking';
import {
  type Difference,
  plannedItems,
  sensitiveValues,
  writePlanDocument,
} from '../../lambdas/runners/plan-document';
import { type PlanJson, planJson } from '../../lambdas/runners/plan-json';
import { digestOf } from '../../lambdas/shared/digest';
import { ChangeMismatchError } from '../../lambdas/shared/errors';
import type { PlanDocument, PlanGroup, PlanPage } from '../../lambdas/shared/plan-document';

/** One resource of a plan's JSON. */
export const aResourceChange = (
  address: string,
  actions: string[],
  given: object = {},
  type = 'terraform_data',
) => ({
  address,
  mode: 'managed',
  type,
  change: {
    actions,
    before: null,
    after: null,
    after_unknown: {},
    before_sensitive: false,
    after_sensitive: false,
    ...given,
  },
});

export const aPlanJson = (given: object): PlanJson =>
  planJson.parse({ terraform_version: '1.12.6', configuration: { root_module: {} }, ...given });

/** The document of a plan with its pages in memory, refused under other digests as in the bucket. */
export const writtenPlan = async (plan: PlanJson, difference?: Difference) => {
  const pages = new Map<string, PlanPage>();
  const document = await writePlanDocument(plannedItems(plan), {
    mask: makeMask(sensitiveValues(plan)),
    put: async (name, page) => {
      const sha256 = digestOf(page);
      pages.set(sha256, page);
      return { key: name, versionId: 'v1', sha256 };
    },
    difference,
  });
  const readPlanPage: ReadPlanPage = async (_document, { sha256, key }) => {
    const page = pages.get(sha256);
    if (!page) throw new ChangeMismatchError(`${key} was not used: other bytes`);
    return page;
  };
  return { document, pages, readPlanPage };
};

export const pagesIn = (
  { document, pages }: { document: PlanDocument; pages: ReadonlyMap<string, PlanPage> },
  group: PlanGroup,
): PlanPage[] => {
  const content = document.groups.find((one) => one.group === group)?.content;
  if (!content) return [];
  return 'page' in content ? [content.page] : content.pages.flatMap(({ sha256 }) => pages.get(sha256) ?? []);
};

/** Creates 4,990 hosts that differ in their names, and destroys ten. */
export const aLargePlan = (): PlanJson =>
  aPlanJson({
    resource_changes: [
      ...Array.from({ length: 4990 }, (_, index) =>
        aResourceChange(`terraform_data.host[${index}]`, ['create'], {
          after: { input: { name: `host-${index}`, size: 'small' } },
          after_unknown: { id: true },
        }),
      ),
      ...Array.from({ length: 10 }, (_, index) =>
        aResourceChange(`terraform_data.old[${index}]`, ['delete'], { before: { input: `old-${index}` } }),
      ),
    ],
  });
