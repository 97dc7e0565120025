import type { Place, Places } from '../shared/contract';
import { InvalidInputError } from '../shared/errors';
import type { WorkspaceRecord } from '../shared/workspace-record';

/** What took longer than this when it was last done is given two hours. Lambda ends it after 15 minutes. */
const longSeconds = 480;

/** The names that the runner keeps its tasks by. */
const tasks = { plan: 'terraform-plan', apply: 'terraform-apply' } as const;
type Part = keyof typeof tasks;

interface Known {
  /** What the input says. */
  readonly wanted: Place | null;
  readonly isResumed: boolean;
  /** How long tasks took in this workspace, and which ran out of time. */
  readonly last: Pick<WorkspaceRecord, 'durations' | 'interrupted'> | undefined;
  /** What this environment deploys on Fargate. */
  readonly onFargate: readonly string[];
}

const inWords = (seconds: number): string =>
  seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;

const choose = (part: Part, { wanted, isResumed, last, onFargate }: Known): Places[Part] => {
  const seconds = last?.durations?.[tasks[part]];
  const ranOut = last?.interrupted?.includes(tasks[part]) ?? false;
  const took = ranOut
    ? `the last ${part} here ran out of time`
    : seconds === undefined
      ? `no ${part} was done here before`
      : `the last ${part} here took ${inWords(seconds)}`;
  // Where it ran out of time once, a run that is resumed would only do so again.
  if (wanted !== null && !(isResumed && ranOut)) return { runsOn: wanted, because: 'the input says so' };
  if (!ranOut && (seconds === undefined || seconds <= longSeconds))
    return { runsOn: 'lambda', because: took };
  return onFargate.includes(part)
    ? { runsOn: 'fargate', because: took }
    : { runsOn: 'lambda', because: `${took}, but this environment has nothing else` };
};

/**
 * Where a run plans and applies: where its input says, else where it had the time that it needs when it was last done.
 *
 * @throws InvalidInputError when the input names what this environment has not.
 */
export const choosePlaces = (known: Known): Places => {
  if (known.wanted === 'fargate' && Object.keys(tasks).some((part) => !known.onFargate.includes(part)))
    throw new InvalidInputError(
      'This environment runs nothing on Fargate. Leave runsOn out, or deploy a runner image (runner.packaging).',
    );
  return { plan: choose('plan', known), apply: choose('apply', known) };
};
