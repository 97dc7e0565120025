import { sha256Hex } from '../shared/digest';
import { plainText } from '../shared/plain-text';
import type { AttributeChange, PlanAction, PlanPage, PlanRow } from '../shared/plan-document';
import type { Mask } from './masking';
import { attributesOf, type Leaf } from './plan-attributes';

/** Something that a plan changes, with what is needed to show it; its values are only made into text for their page. */
export interface PlannedItem {
  readonly address: string;
  readonly type: string;
  readonly action: PlanAction;
  readonly replacePaths: readonly string[];
  readonly leaves: () => readonly Leaf[];
}

/** Bytes of what stands on one page, as {@link weigh} counts them: as HTML with its frame under 60 KB. */
const pageBudget = 40_000;

/** What stands around a resource. */
const frameBytes = 100;

/** At most so many bytes of HTML: markup stands for what JSON writes around values, and some characters take up to six. */
const weigh = (attribute: AttributeChange): number => {
  const json = JSON.stringify(attribute);
  const escaped = json.match(/[&<>']|\\"/g)?.length ?? 0;
  return Buffer.byteLength(json) + 4 * escaped + 12 * (attribute.lines?.length ?? 0);
};

const leafKey = ({ path, before, after, isUnknown, isSensitive }: Leaf): string =>
  sha256Hex(JSON.stringify([path, before ?? null, after ?? null, isUnknown, isSensitive]));
const nameOf = ({ path }: Leaf): string => path.join('.');

/** Items that change alike: one action, one type, the same attributes. */
interface Fold {
  readonly action: PlanAction;
  readonly type: string;
  readonly items: PlannedItem[];
  /** Attributes whose values all items have in common so far, by name. */
  readonly common: Map<string, string>;
}

const fold = (items: readonly PlannedItem[]): Fold[] => {
  const folds = new Map<string, Fold>();
  for (const item of items) {
    const leaves = item.leaves();
    const key = sha256Hex(JSON.stringify([item.action, item.type, leaves.map(nameOf)]));
    const known = folds.get(key);
    if (!known) {
      const common = new Map(leaves.map((leaf) => [nameOf(leaf), leafKey(leaf)]));
      folds.set(key, { action: item.action, type: item.type, items: [item], common });
      continue;
    }
    known.items.push(item);
    for (const leaf of leaves)
      if (known.common.has(nameOf(leaf)) && known.common.get(nameOf(leaf)) !== leafKey(leaf))
        known.common.delete(nameOf(leaf));
  }
  return [...folds.values()];
};

/** What stands on a page as a whole: a resource with its attributes, or a part of them where they are long. */
interface Unit {
  /** `undefined`: attributes that all members share. */
  readonly member: string | undefined;
  readonly attributes: readonly AttributeChange[];
  readonly size: number;
}

/** Bytes of attributes that are kept together. */
const unitBudget = 8000;

// One after the other: of 5,000 resources only those on the page being made are text.
function* unitOf(
  member: string | undefined,
  leaves: readonly Leaf[],
  { replacePaths }: PlannedItem,
  mask: Mask,
): Generator<Unit> {
  let attributes: AttributeChange[] = [];
  const frame = frameBytes + 5 * (member?.length ?? 0);
  let size = frame;
  for (const leaf of leaves)
    for (const attribute of attributesOf(leaf, replacePaths, mask)) {
      const weight = weigh(attribute);
      if (attributes.length > 0 && size + weight > unitBudget) {
        yield { member, attributes, size };
        [attributes, size] = [[], frame];
      }
      attributes.push(attribute);
      size += weight;
    }
  yield { member, attributes, size };
}

function* unitsOf({ items, common }: Fold, mask: Mask): Generator<Unit> {
  const isCommon = (leaf: Leaf): boolean => items.length > 1 && common.has(nameOf(leaf));
  const [first] = items;
  if (first && items.length > 1) yield* unitOf(undefined, first.leaves().filter(isCommon), first, mask);
  for (const item of items) {
    const own = item.leaves().filter((leaf) => !isCommon(leaf));
    yield* unitOf(plainText(mask(item.address), 2000), own, item, mask);
  }
}

/** What the pages of a group are about: rows, as they begin. */
export type RowHeading = Pick<PlanRow, 'action' | 'type' | 'total' | 'beginsOn'>;

/**
 * The pages of one group, each made when it is asked for. A row, a resource or a long value that does not fit goes on
 * on the next page, so that everything stands on some page and no page is large.
 *
 * @param onRow told of each row before the page on which it begins
 */
export function* pagesOf(
  items: readonly PlannedItem[],
  mask: Mask,
  onRow: (row: RowHeading) => void,
): Generator<PlanPage> {
  let number = 1;
  let rows: PlanRow[] = [];
  let size = 0;
  for (const one of fold(items)) {
    const heading = {
      action: one.action,
      type: plainText(mask(one.type), 2000),
      total: one.items.length,
      beginsOn: 0,
    };
    let row: PlanRow | undefined;
    for (const unit of unitsOf(one, mask)) {
      if (size > 0 && size + unit.size > pageBudget) {
        yield { version: 2, rows };
        number += 1;
        [rows, size] = [[], 0];
        row &&= { ...row, shared: [], members: [] };
        if (row) rows.push(row);
      }
      if (!row) {
        row = { ...heading, beginsOn: number, shared: [], members: [] };
        onRow({ ...heading, beginsOn: number });
        rows.push(row);
      }
      size += unit.size;
      if (unit.member === undefined) row.shared.push(...unit.attributes);
      else if (row.members.at(-1)?.address === unit.member)
        row.members.at(-1)?.attributes.push(...unit.attributes);
      else row.members.push({ address: unit.member, attributes: [...unit.attributes] });
    }
  }
  if (rows.length > 0) yield { version: 2, rows };
}
