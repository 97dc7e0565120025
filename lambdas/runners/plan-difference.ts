import { isDeepStrictEqual } from 'node:util';
import { plainText } from '../shared/plain-text';
import type { AttributeChange, PageRef, PlanDocument, PlanGroup, PlanPage } from '../shared/plan-document';
import type { Mask } from './masking';
import { attributesOf, type Leaf } from './plan-attributes';
import type { Difference } from './plan-document';
import type { PlannedItem } from './plan-rows';

interface PreviousPlan {
  readonly runId: string;
  readonly plannedAt: string;
  readonly document: PlanDocument;
}

type Attributes = ReadonlyMap<string, AttributeChange>;
interface Shown {
  readonly address: string;
  readonly type: string;
  readonly action: string;
  readonly attributes: Attributes;
}

const byPath = (attributes: readonly AttributeChange[]): Attributes =>
  new Map(attributes.map((attribute) => [attribute.path, attribute]));

/** Everything that a written plan shows, one resource after the other: its pages need not be in memory together. */
async function* shownIn(
  { groups }: PlanDocument,
  readPage: (ref: PageRef) => Promise<PlanPage>,
): AsyncGenerator<Shown> {
  for (const { group, content } of groups) {
    if (group === 'since') continue;
    let shared: readonly AttributeChange[] = [];
    let last: Shown | undefined;
    const pages = 'page' in content ? [content.page] : content.pages;
    for (const [index, one] of pages.entries())
      for (const row of ('rows' in one ? one : await readPage(one)).rows) {
        const begins = row.beginsOn === index + 1;
        shared = begins ? row.shared : [...shared, ...row.shared];
        for (const { address, attributes } of row.members) {
          // A long resource goes on on the next page.
          const before = last?.address === address && !begins ? [...last.attributes.values()] : shared;
          if (last && last.address !== address) yield last;
          last = {
            address,
            type: row.type,
            action: row.action,
            attributes: byPath([...before, ...attributes]),
          };
        }
      }
    if (last) yield last;
  }
}

/** What a plan brings an attribute to, in words. */
const outcomeOf = (attribute: AttributeChange | undefined): string =>
  attribute === undefined
    ? '(not changed)'
    : (attribute.lines?.flatMap((line) => (line.startsWith('-') ? [] : [line.slice(1)])).join('\n') ??
      attribute.after ??
      '(removed)');

const differenceOf = (path: string, before: string, after: string): Leaf => ({
  path: [path],
  before,
  after,
  beforeMarks: false,
  afterMarks: false,
  isUnknown: false,
  isSensitive: false,
});

const attributesThatDiffer = (before: Attributes, after: Attributes): Leaf[] =>
  [...new Set([...before.keys(), ...after.keys()])].flatMap((path) => {
    const [a, b] = [before.get(path), after.get(path)];
    if (isDeepStrictEqual(a, b)) return [];
    const [old, next] = [outcomeOf(a), outcomeOf(b)];
    // Brought to the same, from another present value.
    return old === next
      ? [differenceOf(path, `from ${a?.before ?? 'another value'}`, `from ${b?.before ?? 'another value'}`)]
      : [differenceOf(path, old, next)];
  });

const keyOf = (type: string, address: string): string => `${type === 'output'} ${address}`;

/** What differs from an earlier plan of the same workspace, by what both show: a hidden value can differ unseen. */
export const differenceFrom = async (
  previous: PreviousPlan,
  groups: ReadonlyMap<PlanGroup, readonly PlannedItem[]>,
  { mask, readPage }: { mask: Mask; readPage: (ref: PageRef) => Promise<PlanPage> },
): Promise<Difference> => {
  const now = new Map<string, PlannedItem>();
  for (const item of [...groups.values()].flat())
    now.set(keyOf(item.type, plainText(mask(item.address), 2000)), item);

  const unplanned: PlannedItem[] = [];
  const differing: PlannedItem[] = [];
  let attributes = 0;
  const note = (into: PlannedItem[], { address, type }: Shown, leaves: Leaf[]): void => {
    const action = into === unplanned ? 'unplanned' : 'differs';
    into.push({ address, type, action, replacePaths: [], leaves: () => leaves });
  };
  for await (const shown of shownIn(previous.document, readPage)) {
    const key = keyOf(shown.type, shown.address);
    const item = now.get(key);
    if (!item) {
      note(unplanned, shown, []);
      continue;
    }
    now.delete(key);
    const present = item.leaves().flatMap((leaf) => attributesOf(leaf, item.replacePaths, mask));
    const leaves = [
      ...(item.action === shown.action ? [] : [differenceOf('action', shown.action, item.action)]),
      ...attributesThatDiffer(shown.attributes, byPath(present)),
    ];
    attributes += leaves.length;
    if (leaves.length > 0) note(differing, shown, leaves);
  }
  const planned = [...now.values()].map(
    (item): PlannedItem => ({ ...item, action: 'planned', leaves: () => [] }),
  );
  return {
    since: {
      runId: previous.runId,
      plannedAt: previous.plannedAt,
      planned: planned.length,
      unplanned: unplanned.length,
      differs: differing.length,
      attributes,
    },
    items: [...differing, ...planned, ...unplanned],
  };
};
