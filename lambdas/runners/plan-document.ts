import type { PlanCounts } from '../shared/contract';
import { TerraformError } from '../shared/errors';
import { plainText } from '../shared/plain-text';
import type { AttributeChange, PlanDocument, ResourceChange } from '../shared/plan-document';
import { type Mask, masked, scalarsOf, soundsSecret } from './masking';
import type { PlanJson, PlannedChange } from './plan-json';

const unknownValue = '(known after apply)';
const order: readonly ResourceChange['action'][] = ['replace', 'delete', 'update', 'create'];

const isTree = (value: unknown): value is Record<string, unknown> | unknown[] =>
  value !== null && typeof value === 'object';
const childOf = (tree: unknown, key: string): unknown => {
  if (tree === true) return true;
  return isTree(tree) && Object.hasOwn(tree, key) ? (tree as Record<string, unknown>)[key] : undefined;
};
const keysOf = (...trees: unknown[]): string[] => [
  ...new Set(trees.flatMap((tree) => (isTree(tree) ? Object.keys(tree) : []))),
];
const isAbsent = (value: unknown): boolean => value === null || value === undefined;

interface Node {
  readonly path: readonly string[];
  readonly before: unknown;
  readonly after: unknown;
  readonly unknown: unknown;
  readonly beforeSensitive: unknown;
  readonly afterSensitive: unknown;
}

const child = (node: Node, key: string): Node => ({
  path: [...node.path, key],
  before: childOf(node.before, key),
  after: childOf(node.after, key),
  unknown: childOf(node.unknown, key),
  beforeSensitive: childOf(node.beforeSensitive, key),
  afterSensitive: childOf(node.afterSensitive, key),
});

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** Every leaf that changes, hidden where the plan marks it sensitive or its name or look says so. */
const leaves = (node: Node, replacePaths: readonly string[], mask: Mask): AttributeChange[] => {
  const { path, before, after, unknown } = node;
  const sensitive =
    node.beforeSensitive === true || node.afterSensitive === true || path.some((part) => soundsSecret(part));
  const hasTree = isTree(before) || isTree(after) || isTree(unknown);
  if (!sensitive && unknown !== true && hasTree) {
    const keys = keysOf(before, after, unknown);
    const rows = keys.flatMap((key) => leaves(child(node, key), replacePaths, mask));
    const emptied = keys.length === 0 && !same(before, after);
    if (!emptied) return rows;
  }
  const willBeUnknown = unknown === true;
  if (!willBeUnknown && same(before, after)) return [];
  const show = (value: unknown): string | null => {
    if (isAbsent(value)) return null;
    if (sensitive) return masked;
    return plainText(mask(typeof value === 'string' ? value : JSON.stringify(value)), 4000);
  };
  const name = path.join('.');
  return [
    {
      path: plainText(name === '' ? 'value' : name, 450),
      before: show(before),
      after: willBeUnknown ? unknownValue : show(after),
      sensitive,
      forcesReplacement: replacePaths.some((forcing) => name === forcing || name.startsWith(`${forcing}.`)),
    },
  ];
};

const attributesOf = (planned: PlannedChange, mask: Mask): AttributeChange[] =>
  leaves(
    {
      path: [],
      before: planned.before,
      after: planned.after,
      unknown: planned.after_unknown,
      beforeSensitive: planned.before_sensitive,
      afterSensitive: planned.after_sensitive,
    },
    (planned.replace_paths ?? []).map((path) => path.join('.')),
    mask,
  );

const actionOf = (address: string, actions: readonly string[]): ResourceChange['action'] | undefined => {
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
    ...(plan.resource_changes ?? []).map((resource) => resource.change),
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

/** A plan for people: nothing that is secret, everything that changes, the most dangerous first. */
export const makePlanDocument = (plan: PlanJson, mask: Mask): PlanDocument => {
  const resources = (plan.resource_changes ?? []).flatMap((resource): ResourceChange[] => {
    const action = actionOf(resource.address, resource.change.actions);
    if (action === undefined) return [];
    return [
      {
        address: plainText(mask(resource.address), 950),
        type: plainText(resource.type, 200),
        action,
        attributes: attributesOf(resource.change, mask),
      },
    ];
  });
  resources.sort(
    (a, b) => order.indexOf(a.action) - order.indexOf(b.action) || (a.address < b.address ? -1 : 1),
  );
  const count = (action: ResourceChange['action']): number =>
    resources.filter((resource) => resource.action === action).length;
  const counts: PlanCounts = {
    create: count('create'),
    update: count('update'),
    replace: count('replace'),
    delete: count('delete'),
  };
  const outputs = Object.entries(plan.output_changes ?? {}).flatMap(([name, change]) =>
    attributesOf(change, mask).map((row) => {
      const secret = row.sensitive || soundsSecret(name);
      return {
        ...row,
        path: plainText(row.path === 'value' ? name : `${name}.${row.path}`, 450),
        sensitive: secret,
        before: secret && row.before !== null ? masked : row.before,
        after: secret && row.after !== null && row.after !== unknownValue ? masked : row.after,
      };
    }),
  );
  return { version: 1, counts, resources, outputs };
};
