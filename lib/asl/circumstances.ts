import type { Facts } from './facts';
import { executionInput, keyOf, origin, originsOf, type Term } from './term';

/** How far a path has come in what every run does. */
export interface Progress {
  readonly begun: 'no' | 'tried' | 'yes';
  readonly hasWaited: boolean;
  readonly recorded: 'no' | 'failed' | 'yes';
  /** `declined`: a choice after the end was recorded went past a state that tells it. */
  readonly told: 'no' | 'declined' | 'yes';
}

/** All that is known when a path enters a state. */
export interface Circumstances {
  readonly variables: Readonly<Record<string, Term>>;
  readonly input: Term;
  /** Of the execution: in a distributed Map, each item has one of its own. */
  readonly executionInput: Term;
  readonly facts: Facts;
  /** By state: what people were asked about there. */
  readonly asked: Readonly<Record<string, Term>>;
  /** By state: what was bound, begun or recorded there. */
  readonly bound: readonly string[];
  readonly begunBy: string | null;
  readonly recordedBy: string | null;
  /** Changes that authorize-change let pass. */
  readonly authorized: readonly Term[];
  readonly progress: Progress;
}

const sorted = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join(';');
const keysOf = (terms: Readonly<Record<string, Term>>): string =>
  sorted(Object.fromEntries(Object.entries(terms).map(([name, term]) => [name, keyOf(term)])));

/** The same for circumstances from which the same follows. */
export const identityOf = (known: Circumstances): string =>
  [
    keysOf(known.variables),
    keyOf(known.input),
    sorted(
      Object.fromEntries(
        Object.entries(known.facts).map(([key, { is, isNot }]) => [
          key,
          is ? keyOf(is) : `!${isNot.map(keyOf).sort().join()}`,
        ]),
      ),
    ),
    keysOf(known.asked),
    known.bound.toSorted().join(),
    known.begunBy,
    known.recordedBy,
    known.authorized.map(keyOf).sort().join(),
    Object.values(known.progress).join(),
  ].join('\n');

export const atTheBeginning: Circumstances = {
  variables: {},
  input: executionInput,
  executionInput,
  facts: {},
  asked: {},
  bound: [],
  begunBy: null,
  recordedBy: null,
  authorized: [],
  progress: { begun: 'no', hasWaited: false, recorded: 'no', told: 'no' },
};

/** Without what was decided: once the end of a run is recorded, nothing may be changed any more. */
export const undecided = (known: Circumstances): Circumstances => ({
  ...known,
  asked: {},
  bound: [],
  authorized: [],
});

const mapValues = (
  terms: Readonly<Record<string, Term>>,
  change: (term: Term) => Term,
): Record<string, Term> =>
  Object.fromEntries(Object.entries(terms).map(([name, term]) => [name, change(term)]));

/**
 * A state is entered again, so that what came from it before is another value than what comes from it now: nothing that
 * was found out about the old one holds for the new one.
 */
export const forget = (known: Circumstances, state: string): Circumstances => {
  const mentions = (term: Term): boolean => originsOf(term).some((from) => from.state === state);
  // As a whole: what is lost inside of others would grow with every turn of a loop.
  const lose = (term: Term): Term => (mentions(term) ? origin('lost', state) : term);
  const keep = <Value>(values: Readonly<Record<string, Value>>, isKept: (value: Value) => boolean) =>
    Object.fromEntries(Object.entries(values).filter(([, value]) => isKept(value)));
  return {
    ...known,
    variables: mapValues(known.variables, lose),
    input: lose(known.input),
    executionInput: lose(known.executionInput),
    facts: keep(known.facts, ({ term }) => !mentions(term)),
    asked: Object.fromEntries(
      Object.entries(known.asked).filter(([where, change]) => where !== state && !mentions(change)),
    ),
    bound: known.bound.filter((where) => where !== state),
    authorized: known.authorized.filter((change) => !mentions(change)),
  };
};

/**
 * Without variables that nothing reads from here on, and without facts about values that nothing holds any more: paths
 * that differ in nothing else go on as one.
 */
export const tidy = (given: Circumstances, isRead: (variable: string) => boolean): Circumstances => {
  const known = {
    ...given,
    variables: Object.fromEntries(Object.entries(given.variables).filter(([name]) => isRead(name))),
  };
  const held = new Set<string>();
  const hold = (term: Term): void => {
    for (const from of originsOf(term)) held.add(keyOf(from));
  };
  for (const term of [
    ...Object.values(known.variables),
    known.input,
    known.executionInput,
    ...Object.values(known.asked),
    ...known.authorized,
  ])
    hold(term);
  for (const state of [...Object.keys(known.asked), ...known.bound, known.begunBy, known.recordedBy])
    if (state !== null) held.add(keyOf(origin('result', state)));
  const isHeld = (term: Term): boolean =>
    originsOf(term).every(
      (from) =>
        from.name === 'input' ||
        from.name.startsWith('token:') ||
        from.name === 'execution' ||
        held.has(keyOf(from)),
    );
  return {
    ...known,
    facts: Object.fromEntries(Object.entries(known.facts).filter(([, { term }]) => isHeld(term))),
  };
};
