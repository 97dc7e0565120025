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

/** A little of everything that people must see before they approve. */
export const aTellingPlan = (): PlanJson => {
  const policy = (...actions: string[]): string =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Sid: 'ReadReleases', Effect: 'Allow', Action: actions, Resource: 'arn:aws:s3:::demo-releases/*' },
        {
          Sid: 'ListReleases',
          Effect: 'Allow',
          Action: ['s3:ListBucket'],
          Resource: 'arn:aws:s3:::demo-releases',
        },
      ],
    });
  return aPlanJson({
    resource_changes: [
      aResourceChange(
        'aws_db_instance.this',
        ['delete', 'create'],
        {
          before: { engine_version: '15.8', storage_encrypted: false, password: 'old-old-old' },
          after: { engine_version: '16.4', storage_encrypted: true, password: 'new-new-new' },
          replace_paths: [['storage_encrypted']],
        },
        'aws_db_instance',
      ),
      aResourceChange(
        'aws_instance.old',
        ['delete'],
        { before: { instance_type: 't3.small' } },
        'aws_instance',
      ),
      aResourceChange(
        'aws_iam_role_policy.host',
        ['update'],
        {
          before: { policy: policy('s3:GetObject') },
          after: { policy: policy('s3:GetObject', 's3:PutObject') },
        },
        'aws_iam_role_policy',
      ),
      aResourceChange(
        'aws_vpc_security_group_ingress_rule.web',
        ['create'],
        {
          after: { cidr_ipv4: '0.0.0.0/0', from_port: 443, ip_protocol: 'tcp' },
          after_unknown: { id: true },
        },
        'aws_vpc_security_group_ingress_rule',
      ),
      aResourceChange(
        'aws_instance.web["web-01"]',
        ['update'],
        { before: { instance_type: 't3.small' }, after: { instance_type: 't3.medium' } },
        'aws_instance',
      ),
      ...['a', 'b', 'c'].map((zone) =>
        aResourceChange(
          `aws_subnet.this["${zone}"]`,
          ['create'],
          { after: { availability_zone: `eu-central-1${zone}`, map_public_ip_on_launch: false } },
          'aws_subnet',
        ),
      ),
    ],
  });
};
