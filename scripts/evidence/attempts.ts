import { EvidenceError, type Lab } from './lab';
import { type Observed, type Scenario, scenarios } from './scenarios';
import type { Place, WorkflowEvidence } from './workflow-evidence';

export interface Attempt {
  readonly workflow: string;
  readonly scenario: string;
  readonly nth: number;
  readonly startedAt: string;
  readonly observed: Observed | null;
  /** Why it failed; null when what was expected was seen. */
  readonly error: string | null;
}

/** What is to be tried: each scenario of each workflow, so many times. */
export interface Planned {
  readonly evidence: WorkflowEvidence;
  readonly scenario: Scenario;
  readonly nth: number;
}

/** Attempts at once, by what they do to the machine. */
const widths: Readonly<Record<Scenario['pace'], number>> = { many: 6, some: 2, alone: 1, faulty: 2 };
const undisturbed: readonly Scenario['pace'][] = ['some', 'many'];
/** These come last: proxies stay between functions and services until the platform ends. */
const disturbed: readonly Scenario['pace'][] = ['alone', 'faulty'];

export const plan = (
  lab: Lab,
  workflows: readonly WorkflowEvidence[],
  options: { readonly only?: string | undefined; readonly happy: number; readonly times: number },
): readonly Planned[] =>
  workflows.flatMap((evidence) =>
    scenarios
      .filter(({ name, inapplicable }) => (options.only ?? name) === name && !inapplicable(evidence, lab))
      .flatMap((scenario) =>
        Array.from({ length: scenario.name === 'happy' ? options.happy : options.times }, (_, index) => ({
          evidence,
          scenario,
          nth: index + 1,
        })),
      ),
  );

const short = (text: string): string =>
  text
    .replaceAll(/[^a-z]+/g, '-')
    .slice(0, 12)
    .replace(/-$/, '');

const placeOf = ({ evidence, scenario, nth }: Planned, lane: number): Place => {
  const attempt = `${short(scenario.name)}-${nth}`;
  const name = `${short(evidence.workflow)}-${evidence.places === 'fresh' ? attempt : `lane-${lane}`}`;
  return { name, workspace: `evidence/${name}`, attempt };
};

/** One line of whatever went wrong, as it is published. */
const sentenceOf = (error: unknown): string => {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const text = message.replaceAll(/\s+/g, ' ').slice(0, 600);
  return error instanceof EvidenceError ? text : `${name}: ${text}`;
};

/** Makes the attempts of one pace; each lane has a workspace of each workflow to itself. */
const attemptAll = async (
  lab: Lab,
  planned: readonly Planned[],
  width: number,
  onAttempt: (attempt: Attempt) => void,
): Promise<void> => {
  const queue = [...planned];
  const prepared = new Map<string, Promise<void>>();
  const work = async (lane: number): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      lab.target.signal.throwIfAborted();
      const { evidence, scenario, nth } = next;
      const place = placeOf(next, lane);
      const told = { workflow: evidence.workflow, scenario: scenario.name, nth };
      const startedAt = new Date().toISOString();
      try {
        const preparation = prepared.get(place.workspace) ?? evidence.prepare?.(lab, place);
        if (preparation) prepared.set(place.workspace, preparation);
        await preparation;
        const observed = await scenario.attempt({ lab, evidence, place });
        onAttempt({ ...told, startedAt, observed, error: null });
      } catch (error) {
        lab.target.signal.throwIfAborted();
        prepared.delete(place.workspace);
        onAttempt({ ...told, startedAt, observed: null, error: sentenceOf(error) });
      } finally {
        if (evidence.places === 'fresh') await lab.target.removeHosts?.(place.workspace);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, planned.length) }, (_, lane) => work(lane)));
};

/** Makes all attempts; those that need it while somebody stands between functions and services. */
export const attempt = async (
  lab: Lab,
  planned: readonly Planned[],
  options: {
    readonly onAttempt: (attempt: Attempt) => void;
    readonly whileDisturbed: (work: () => Promise<void>) => Promise<void>;
    readonly whileThrottled: (work: () => Promise<void>) => Promise<void>;
  },
): Promise<void> => {
  const attemptThose = async (paces: readonly Scenario['pace'][]): Promise<void> => {
    for (const pace of paces) {
      const ours = planned.filter(({ scenario }) => scenario.pace === pace);
      const work = () => attemptAll(lab, ours, widths[pace], options.onAttempt);
      await (pace === 'faulty' ? options.whileThrottled(work) : work());
    }
  };
  await attemptThose(undisturbed);
  if (planned.some(({ scenario }) => disturbed.includes(scenario.pace)))
    await options.whileDisturbed(() => attemptThose(disturbed));
};
