import type { AslState } from './asl';
import { type Bounds, mostEvents } from './bounds';
import { type Facts, knownCount } from './facts';
import type { Term } from './term';

/** Lists that contracts bound, by the field that holds them (`lambdas/runners/contract.ts`). */
const contracted: Readonly<Record<string, number>> = { hosts: 100 };

/** How many items a Map goes over at most, as far as that is known. */
export const itemsAtMost = (items: Term, facts: Facts): number | undefined => {
  if (items.kind === 'call' && items.name === 'list') return items.args.length;
  if (items.kind === 'field' && contracted[items.name] !== undefined) return contracted[items.name];
  return knownCount(facts, items);
};

/** Iterations that an inline Map does at once, at most. */
const mostAtOnce = 40;

interface Nested {
  readonly state: AslState;
  /** Of each branch, or of one item. */
  readonly inner: readonly Bounds[];
  readonly items: number | undefined;
  readonly tell: (what: string) => void;
}

/** What a Map or a Parallel comes to in the history around it. */
export const nestedBounds = ({ state, inner, items, tell }: Nested): Bounds => {
  const [one] = inner;
  if (state.Type === 'Parallel' || !one)
    return {
      events: 4 + inner.reduce((sum, { events }) => sum + events, 0),
      seconds: Math.max(0, ...inner.map(({ seconds }) => seconds)),
    };
  if (state.ItemProcessor?.ProcessorConfig?.Mode === 'DISTRIBUTED') {
    // Each item is an execution of its own.
    if (one.events > mostEvents)
      tell(
        `writes up to ${one.events} events for one item, of ${mostEvents} that an execution may have. Move a part into a block.`,
      );
    return { events: 5, seconds: Number.POSITIVE_INFINITY };
  }
  if (items === undefined) {
    tell(
      'goes over a list of unknown length in its own history. Say before, in a Choice, how many there are at most ({% $count($hosts) <= 100 %}), go over a list that a contract bounds, or set ProcessorConfig.Mode to DISTRIBUTED.',
    );
    return { events: 4, seconds: 0 };
  }
  const wanted = typeof state.MaxConcurrency === 'number' ? state.MaxConcurrency : 0;
  const atOnce = wanted > 0 ? Math.min(mostAtOnce, wanted) : mostAtOnce;
  return { events: 4 + items * (2 + one.events), seconds: Math.ceil(items / atOnce) * one.seconds };
};
