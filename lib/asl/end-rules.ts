import { endedAs } from './actions';
import type { Place } from './decision-rules';
import { isKnownNot } from './facts';
import type { Machine } from './machine';
import { origin } from './term';

/** A run that ends cleanly: recorded, told, and certainly not failed. */
export const judgeEnd = (machine: Machine, { name, known, trail }: Place): void => {
  if (!machine.isRun) return;
  const { progress, recordedBy } = known;
  const refuse = (what: string) => machine.add(name, what, trail);
  if (progress.recorded !== 'yes' || recordedBy === null) {
    refuse('ends the run cleanly though its end is not recorded. Go to "Record end" first.');
    return;
  }
  if (!isKnownNot(known.facts, endedAs(origin('result', recordedBy)), 'failed'))
    refuse(
      "ends cleanly though the run may have failed. Go there only where {% $end.outcome != 'failed' %}, else to a Fail state.",
    );
  if (progress.told === 'no')
    refuse(
      'ends the run without telling anybody. Go to "Notify" first, or past it by a Choice that says when nobody need hear.',
    );
};

/** A run that fails: recorded and told; what could not be recorded is repaired by the reconciler. */
export const judgeFailure = (machine: Machine, { name, known, trail }: Place): void => {
  if (!machine.isRun) return;
  const { recorded, told } = known.progress;
  const refuse = (what: string) => machine.add(name, what, trail);
  if (recorded === 'no') refuse('fails the run though its end is not recorded. Go to "Record end" first.');
  if (recorded === 'yes' && told !== 'yes')
    refuse('fails the run without telling anybody. Go to "Notify" first.');
};
