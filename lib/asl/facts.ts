import { absent, isLiteral, keyOf, literal, originsOf, type Term, truthOf } from './term';

/** What a path has found out about one value by the choices that it took. */
export interface Fact {
  readonly term: Term;
  /** It is this literal. */
  readonly is?: Term;
  /** It is none of these. */
  readonly isNot: readonly Term[];
}
export type Facts = Readonly<Record<string, Fact>>;

const has = (terms: readonly Term[], wanted: Term): boolean =>
  terms.some((term) => keyOf(term) === keyOf(wanted));

/** Nothing can be remembered of a value that may be another by now. */
const isLost = (term: Term): boolean => originsOf(term).some(({ name }) => name === 'lost');

const learn = (facts: Facts, term: Term, value: Term, equal: boolean): Facts[] => {
  if (isLost(term)) return [facts];
  const key = keyOf(term);
  const known = facts[key] ?? { term, isNot: [] };
  if (equal) {
    if (has(known.isNot, value) || (known.is && keyOf(known.is) !== keyOf(value))) return [];
    return [{ ...facts, [key]: { ...known, is: value } }];
  }
  if (known.is) return keyOf(known.is) === keyOf(value) ? [] : [facts];
  return has(known.isNot, value)
    ? [facts]
    : [{ ...facts, [key]: { ...known, isNot: [...known.isNot, value] } }];
};

const alternatives = (term: Term): Term[] | undefined => {
  if (term.kind !== 'call' || term.name !== 'in') return undefined;
  const [value, list] = term.args;
  if (!value || list?.kind !== 'call' || list.name !== 'list') return undefined;
  return list.args.map((item) => ({ kind: 'call', name: '=', args: [value, item] }));
};

const inverse: Readonly<Record<string, string>> = { '>': '<=', '>=': '<' };
const isCount = (term: Term): boolean => term.kind === 'call' && term.name === 'count';

/**
 * What is known once a condition was found true, or not true: each way in which that can be; none when it cannot be.
 */
export const assume = (facts: Facts, term: Term, wanted: boolean): Facts[] => {
  const truth = truthOf(term);
  if (truth !== undefined) return truth === wanted ? [facts] : [];
  if (term.kind === 'call') {
    const { name, args } = term;
    const [a = absent, b = absent] = args;
    if (name === 'not') return assume(facts, a, !wanted);
    if (name === 'boolean') return assume(facts, a, wanted);
    const listed = alternatives(term);
    if (listed)
      return listed.length === 0 ? (wanted ? [] : [facts]) : assumeAll(facts, listed, wanted, !wanted);
    if (name === 'and' || name === 'or') return assumeAll(facts, args, wanted, (name === 'and') === wanted);
    if (name === '!=') return assume(facts, { kind: 'call', name: '=', args }, !wanted);
    if (name === '=') {
      if (b.kind === 'literal') return learn(facts, a, b, wanted);
      if (a.kind === 'literal') return learn(facts, b, a, wanted);
    }
    // A count is always a number, so that what is not more is less; what does not exist is neither.
    if (inverse[name] && isCount(a))
      return assume(facts, { kind: 'call', name: inverse[name], args }, !wanted);
  }
  return learn(facts, { kind: 'call', name: 'truth', args: [term] }, literal(wanted), true);
};

const assumeAll = (facts: Facts, terms: readonly Term[], wanted: boolean, together: boolean): Facts[] => {
  if (together)
    return terms.reduce<Facts[]>((all, term) => all.flatMap((one) => assume(one, term, wanted)), [facts]);
  // One of them is enough: the first that is, with those before it not so.
  return terms.flatMap((term, index) =>
    terms
      .slice(0, index)
      .reduce<Facts[]>((all, before) => all.flatMap((one) => assume(one, before, !wanted)), [facts])
      .flatMap((one) => assume(one, term, wanted)),
  );
};

export const isKnown = (facts: Facts, term: Term, value: string): boolean =>
  isLiteral(term, value) || isLiteral(facts[keyOf(term)]?.is ?? absent, value);

export const isKnownNot = (facts: Facts, term: Term, value: string): boolean => {
  if (term.kind === 'literal') return term.value !== value;
  const known = facts[keyOf(term)];
  if (known?.is) return !isLiteral(known.is, value);
  return has(known?.isNot ?? [], literal(value));
};

/** How many items a list has at most, when a choice has said so. */
export const knownCount = (facts: Facts, list: Term): number | undefined => {
  for (const [name, allowed] of [
    ['<=', 0],
    ['<', -1],
  ] as const)
    for (const { term, is } of Object.values(facts)) {
      const [compared] = term.kind === 'call' && term.name === 'truth' ? term.args : [];
      if (compared?.kind !== 'call' || compared.name !== name || !isLiteral(is ?? absent, true)) continue;
      const [counted, most] = compared.args;
      if (counted?.kind !== 'call' || counted.name !== 'count' || most?.kind !== 'literal') continue;
      if (counted.args[0] && keyOf(counted.args[0]) === keyOf(list) && typeof most.value === 'number')
        return most.value + allowed;
    }
  return undefined;
};
