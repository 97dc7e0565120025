import type { PlanCounts } from '../../lambdas/shared/contract';
import type { AttributeChange, PlanDocument, PlanGroup, PlanRow } from '../../lambdas/shared/plan-document';

export const anAttribute = (given: Partial<AttributeChange>): AttributeChange => ({
  path: 'input',
  before: null,
  after: null,
  lines: null,
  sensitive: false,
  forcesReplacement: false,
  ...given,
});

export const aRow = (given: Partial<PlanRow>): PlanRow => ({
  action: 'create',
  type: 'terraform_data',
  total: given.members?.length ?? 1,
  beginsOn: 1,
  shared: [],
  members: [],
  ...given,
});

/** A small plan of one group, which is in the document itself. */
export const planOf = (
  group: PlanGroup,
  rows: readonly PlanRow[],
  counts: PlanCounts = { create: 1, update: 0, replace: 0, delete: 0 },
): PlanDocument => ({
  version: 2,
  counts,
  groups: [
    {
      group,
      total: rows.reduce((sum, { total }) => sum + total, 0),
      rows: rows.map(({ action, type, total, beginsOn }) => ({ action, type, total, beginsOn })),
      moreRows: 0,
      content: { page: { version: 2, rows: [...rows] } },
    },
  ],
  since: null,
});
