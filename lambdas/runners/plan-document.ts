import type { PlanCounts, PlanMode } from '../shared/contract';
import { TerraformError } from '../shared/errors';
import { plainText } from '../shared/plain-text';
import {
  type PageRef,
  type PlanAction,
  type PlanDocument,
  type PlanGroup,
  type PlanPage,
  planDocument,
  planGroups,
  planPage,
} from '../shared/plan-document';
import { dangerOf } from './danger';
import { type Mask, scalarsOf } from './masking';
import { childOf, isTree, leavesOf } from './plan-attributes';
import type { PlanJson, PlannedChange } from './plan-json';
import { type PlannedItem, pagesOf, type RowHeading } from './plan-rows';

/** Groups that fit are in the document itself, up to so many characters in all: a small plan is one object. */
const inlineBudget = 36_000;
/** Rows that a document lists of a group; the others are on its pages. */
const listedRows = 20;
/** Pages that are stored at the same time. */
const storedAtOnce = 8;

const actionOf = (address: string, actions: readonly string[]): PlanAction | undefined => {
  const joined = [...actions].sort().join('+');
  if (joined === 'create+delete') return 'replace';
  if (joined === 'create' || joined === 'update' || joined === 'delete') return joined;
  if (joined === 'no-op' || joined === 'read') return undefined;
  throw new TerraformError(
    `The plan would "${plainText(joined, 60)}" ${plainText(address, 200)}, which cannot be shown for approval.`,
  );
};

/** The values that a plan marks as sensitive, wherever they stand. */
export const sensitiveValues = (plan: PlanJson): string[] => {
  const found: string[] = [];
  const walk = (value: unknown, mark: unknown): void => {
    if (mark === true) found.push(...scalarsOf(value));
    else if (isTree(mark)) for (const key of Object.keys(mark)) walk(childOf(value, key), childOf(mark, key));
  };
  const changes = [
    ...[...(plan.resource_changes ?? []), ...(plan.resource_drift ?? [])].map(({ change }) => change),
    ...Object.values(plan.output_changes ?? {}),
  ];
  for (const change of changes) {
    walk(change.before, change.before_sensitive);
    walk(change.after, change.after_sensitive);
  }
  for (const [name, { sensitive }] of Object.entries(plan.configuration.root_module.variables ?? {}))
    if (sensitive) found.push(...scalarsOf(plan.variables?.[name]?.value));
  return found;
};

const itemOf = (
  address: string,
  type: string,
  change: PlannedChange,
  outputName?: string,
): PlannedItem | undefined => {
  const action = actionOf(address, change.actions);
  if (action === undefined) return undefined;
  return {
    address,
    type,
    action,
    replacePaths: (change.replace_paths ?? []).map((path) => path.join('.')),
    leaves: () => leavesOf(change, outputName),
  };
};

/** Everything that a plan changes, by group and then by address; of a plan that only looks, what it found to differ. */
export const plannedItems = (plan: PlanJson, mode: PlanMode = 'apply'): Map<PlanGroup, PlannedItem[]> => {
  const groups = new Map<PlanGroup, PlannedItem[]>(planGroups.map((group) => [group, []]));
  const changes = mode === 'refresh-only' ? plan.resource_drift : plan.resource_changes;
  for (const { address, type, change } of changes ?? []) {
    const item = itemOf(address, type, change);
    if (item) groups.get(dangerOf(type, item.action, change.after))?.push(item);
  }
  for (const [name, change] of Object.entries(plan.output_changes ?? {})) {
    const item = itemOf(name, 'output', change, name);
    if (item) groups.get('outputs')?.push(item);
  }
  const byAddress = new Intl.Collator('en', { numeric: true });
  for (const items of groups.values()) items.sort((a, b) => byAddress.compare(a.address, b.address));
  return groups;
};

const countsOf = (groups: ReadonlyMap<PlanGroup, readonly PlannedItem[]>): PlanCounts => {
  const counts = { create: 0, update: 0, replace: 0, delete: 0 };
  for (const [group, items] of groups)
    if (group !== 'outputs')
      for (const { action } of items) if (Object.hasOwn(counts, action)) counts[action as keyof PlanCounts]++;
  return counts;
};

/** Stores a page and says where. */
export type PutPage = (name: string, page: PlanPage) => Promise<PageRef>;

/** A difference that is shown beside the plan; see plan-difference.ts. */
export interface Difference {
  readonly since: NonNullable<PlanDocument['since']>;
  readonly items: readonly PlannedItem[];
}

/**
 * Writes a plan for people: nothing that is secret, everything that changes, the most dangerous first. Pages are made
 * and stored one after the other, so that memory does not grow with the plan.
 */
export const writePlanDocument = async (
  groups: ReadonlyMap<PlanGroup, readonly PlannedItem[]>,
  { mask, put, difference }: { mask: Mask; put: PutPage; difference?: Difference | undefined },
): Promise<PlanDocument> => {
  let inlined = 0;
  const written: PlanDocument['groups'] = [];
  for (const group of planGroups) {
    const items = group === 'since' ? (difference?.items ?? []) : (groups.get(group) ?? []);
    if (items.length === 0) continue;
    const rows: RowHeading[] = [];
    let moreRows = 0;
    const pages = pagesOf(items, mask, (row) => {
      if (rows.length < listedRows) rows.push(row);
      else moreRows += 1;
    });
    const stored: Promise<PageRef>[] = [];
    const store = async (page: PlanPage): Promise<void> => {
      stored.push(put(`${group}-${stored.length + 1}.json`, planPage.parse(page)));
      if (stored.length % storedAtOnce === 0) await Promise.all(stored);
    };
    const { value: first } = pages.next();
    const { value: second } = pages.next();
    if (!first) continue;
    const size = JSON.stringify(first).length;
    const isInline = !second && inlined + size <= inlineBudget;
    if (isInline) inlined += size;
    else for (const page of [first, ...(second ? [second] : []), ...pages]) await store(page);
    written.push({
      group,
      total: items.length,
      rows,
      moreRows,
      content: isInline ? { page: first } : { pages: await Promise.all(stored) },
    });
  }
  return planDocument.parse({
    version: 2,
    counts: countsOf(groups),
    groups: written,
    since: difference?.since ?? null,
  });
};
