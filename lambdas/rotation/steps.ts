import { confirm, drain, overlapFrom, retire, rollBack } from './after-promotion';
import { abandon, create, promote, set, test } from './before-promotion';
import { goOn } from './go-on';
import type { InFlight, Progress } from './in-flight';
import type { Rotation, Step } from './journal';

const acts: Readonly<Record<Step, (of: InFlight) => Promise<Progress>>> = {
  create,
  set,
  test,
  promote,
  confirm,
  drain,
  retire,
  abandon,
  'roll-back': rollBack,
};

/** Steps of a rotation that can still be abandoned. */
export const beforePromotion: ReadonlySet<Step> = new Set(['create', 'set', 'test', 'promote']);
const changed = (what: string): NonNullable<Rotation['because']> => ({
  error: 'CredentialChangedError',
  message: `Somebody else ${what} during the rotation. Find out who; start again.`,
});

/** What is to be done next, by the labels as they stand: a step may have landed unrecorded, somebody may have moved them. */
const standOf = ({ rotation, described: { labels }, credential, now }: InFlight): Rotation => {
  const { step, version, from } = rotation;
  // Rolled back or replaced by hand: whichever is previous now is drained, and nobody knows since when.
  const drainAnew = (): Rotation => {
    const { because: _, ...kept } = rotation;
    const places = { version: labels.current, from: labels.previous ?? version };
    return { ...kept, ...places, step: 'drain', ...overlapFrom(now, credential) };
  };
  if (beforePromotion.has(step) || step === 'abandon') {
    if (labels.current === version) return { ...rotation, step: 'confirm' };
    if (labels.previous === version) return drainAnew();
    if (step === 'abandon') return rotation;
    if (labels.current !== from)
      return { ...rotation, step: 'abandon', because: changed('made another version current') };
    if (step !== 'create' && labels.pending !== version)
      return { ...rotation, step: 'abandon', because: changed('moved the label of the pending version') };
    return rotation;
  }
  const isOurs = labels.current === version || (step === 'roll-back' && labels.current === from);
  return isOurs ? rotation : drainAnew();
};

/** Does the wanted step where it is the one to do, and turns a rotation round where that is wanted and may be. */
export const steps = async (wanted: Step, given: InFlight): Promise<Progress> => {
  const stand = standOf(given);
  const turns =
    (wanted === 'abandon' && beforePromotion.has(stand.step)) ||
    (wanted === 'roll-back' && stand.step === 'confirm');
  const rotation: Rotation =
    turns && wanted === 'abandon'
      ? { ...stand, step: 'abandon', because: given.because ?? changed('asked to abandon it') }
      : stand;
  const of: InFlight = { ...given, rotation };
  if (rotation.step !== wanted && !turns) return goOn(of, rotation);
  // Written ahead: whoever comes next undoes it as well.
  if (rotation !== given.rotation && rotation.step === 'abandon') {
    const record = await given.deps.journal.write({ ...given.record, rotation });
    return abandon({ ...of, record });
  }
  return acts[wanted](of);
};
