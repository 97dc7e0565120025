import { type Action, alternativesOf, boundChange, decided, entryOf, gateOf, isSame } from './actions';
import type { Circumstances } from './circumstances';
import { assume, type Facts, isKnown } from './facts';
import type { Machine, Requirement } from './machine';
import { absent, call, keyOf, origin, originsOf, substitute, type Term, truthOf } from './term';

/** Where begin-run lets a resumed run enter with a change that is approved already. */
const resumable = ['apply', 'configure', 'scan'];

/** Whether people, or a rule that waives them, have allowed this very change on this path. */
const isAllowed = (change: Term, known: Circumstances): boolean => {
  const asked = Object.entries(known.asked).some(
    ([state, about]) =>
      isSame(about, change) && isKnown(known.facts, decided(origin('result', state)), 'approved'),
  );
  const waived = known.bound.some((state) => {
    const result = origin('result', state);
    return isSame(boundChange(result), change) && isKnown(known.facts, gateOf(result), 'none');
  });
  if (asked || waived || known.begunBy === null) return asked || waived;
  const begun = origin('result', known.begunBy);
  // A resumed run: begin-run found the change approved, and the block that is entered asks for it again.
  return (
    isSame(boundChange(begun), change) &&
    resumable.some((entry) => isKnown(known.facts, entryOf(begun), entry))
  );
};

const isDecided = (change: Term, known: Circumstances): boolean => {
  const alternatives = alternativesOf(change);
  return alternatives.length > 0 && alternatives.every((one) => isAllowed(one, known));
};

const isRuledOut = (facts: Facts, term: Term, value: Term): boolean => {
  if (value.kind !== 'literal') return false;
  if (term.kind === 'literal') return term.value !== value.value;
  if (term.kind === 'call' && term.name === 'truth') {
    const truth = truthOf(term.args[0] ?? absent);
    return truth !== undefined && truth !== value.value;
  }
  return assume(facts, call('=', [term, value]), true).length === 0;
};

const isRight = (facts: Facts, term: Term, value: Term): boolean =>
  (term.kind === 'literal' && keyOf(term) === keyOf(value)) ||
  assume(facts, call('=', [term, value]), false).length === 0;

/** Whether a call, with what it hands the block, is none of those that a requirement is about. */
const isExempt = ({ facts }: Requirement, known: Circumstances, handed: (term: Term) => Term): boolean =>
  facts.some(({ term, is, isNot }) => {
    const given = handed(term);
    return is === undefined
      ? isNot.some((value) => isRight(known.facts, given, value))
      : isRuledOut(known.facts, given, is);
  });

/** Where a path is: the state, what is known there, and how it was come to. */
export interface Place {
  readonly name: string;
  readonly known: Circumstances;
  readonly trail: string;
}

/** A change needs a decision: here on the path, or, in a block, by its callers. */
const requireDecision = (
  machine: Machine,
  { name, known, trail }: Place,
  change: Term,
  what: string,
): void => {
  if (isDecided(change, known)) {
    if (machine.isRun && known.progress.begun !== 'yes')
      machine.add(
        name,
        `${what} before the run has begun, without its workspace's lease. Begin the run first.`,
        trail,
      );
    return;
  }
  const isGiven = originsOf(change).length > 0 && originsOf(change).every((from) => from.name === 'input');
  if (isGiven && !machine.isRun) {
    const about = Object.values(known.facts).filter(({ term }) =>
      originsOf(term).every((from) => from.name === 'input'),
    );
    machine.require({ change, facts: about });
    return;
  }
  machine.add(
    name,
    `${what} without a decision on that very change. Bind it with bind-change, ask about the same change with the block approval-gate, and go there only where {% $decision.outcome = 'approved' %} or where {% $bound.gate = 'none' %}.`,
    trail,
  );
};

const judgeCall = (
  machine: Machine,
  place: Place,
  { block: called, input }: Extract<Action, { does: 'call' }>,
): void => {
  const { name, known, trail } = place;
  const block = machine.blocks(called);
  if (!block) {
    machine.add(
      name,
      `calls ${called}, but there is no file workflows/${called}.asl.json. Correct the name.`,
    );
    return;
  }
  const handed = (term: Term): Term => substitute(term, (from) => (from.name === 'input' ? input : from));
  for (const requirement of block.requirements)
    if (!isExempt(requirement, known, handed))
      requireDecision(
        machine,
        place,
        handed(requirement.change),
        `calls ${called}, which changes something,`,
      );
  if (machine.isRun && block.requirements.length > 0 && known.progress.recorded !== 'no')
    machine.add(
      name,
      `calls ${called} after the end was recorded, when the workspace is given back. Call it before.`,
      trail,
    );
};

/** Whether what a task does may be done on this path. */
export const judgeAction = (machine: Machine, place: Place, action: Action): void => {
  const { name, known, trail } = place;
  if (action.does === 'unknown') machine.add(name, action.why);
  if (action.does === 'call') judgeCall(machine, place, action);
  if (action.does !== 'change') return;
  if (known.authorized.some((change) => isSame(change, action.change)))
    requireDecision(machine, place, action.change, 'changes something');
  else
    machine.add(
      name,
      'hands a worker a change that authorize-change has not let pass on this path. Invoke ${AuthorizeChangeFunctionArn} with the same change before, or call the block that does (terraform-apply, ansible-run, script-run).',
      trail,
    );
};
