import { median } from '../bench/statistics';
import type { Attempt } from './attempts';
import type { Lab } from './lab';
import { scenarios } from './scenarios';
import { unauthorised } from './unauthorised';
import type { WorkflowEvidence } from './workflow-evidence';

export interface Evidence {
  readonly target: string;
  /** What the figures depend on, in words. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workflows: readonly WorkflowEvidence[];
  readonly attempts: readonly Attempt[];
  readonly lab: Lab;
  /** Of all of it. */
  readonly seconds: number;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const row = (...cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
const seconds = (value: number): string => `${value.toFixed(1)} s`;

const durations = (attempts: readonly Attempt[]): readonly [string, string, string] => {
  const all = attempts.flatMap(({ observed }) => (observed ? [observed.seconds] : []));
  if (all.length === 0) return ['–', '–', '–'];
  return [seconds(Math.min(...all)), seconds(median(all)), seconds(Math.max(...all))];
};

/** What was expected, of how many, and with what was seen. */
const lineOf = (scenario: string, attempts: readonly Attempt[]): string => {
  const good = attempts.filter(({ error }) => error === null);
  const saw = [...new Set(good.map(({ observed }) => observed?.saw ?? ''))].join('; ');
  return row(scenario, `${good.length} of ${attempts.length}`, ...durations(attempts), saw);
};

const sectionOf = (evidence: Evidence, of: WorkflowEvidence): string => {
  const { attempts, lab } = evidence;
  const ours = attempts.filter(({ workflow }) => workflow === of.workflow);
  const named = (name: string) => ours.filter(({ scenario }) => scenario === name);
  const names = [...scenarios.map(({ name }) => name), unauthorised.name];
  const left = scenarios.flatMap(({ name, inapplicable }) => {
    const why = inapplicable(of, lab);
    return why === undefined ? [] : [`${name} (${why})`];
  });
  const failed = ours.filter(({ error }) => error !== null);
  return [
    `## ${of.workflow}`,
    '',
    row('scenario', 'as expected', 'shortest', 'median', 'longest', 'seen'),
    '|---|--:|--:|--:|--:|---|',
    ...names.flatMap((name) => (named(name).length > 0 ? [lineOf(name, named(name))] : [])),
    '',
    ...(of.failure ? [`The tool's failure: ${of.failure.what}.`] : []),
    ...(left.length > 0 ? [`Not applicable: ${left.join(', ')}.`] : []),
    ...failed.map(
      ({ scenario, nth, error }) =>
        `\n**Not as expected**: ${scenario}, attempt ${nth}: \`${error?.replaceAll('`', "'")}\``,
    ),
  ].join('\n');
};

const idsOf = (evidence: Evidence, of: WorkflowEvidence): string =>
  evidence.attempts
    .filter(({ workflow, observed }) => workflow === of.workflow && (observed?.runIds.length ?? 0) > 0)
    .map(
      ({ scenario, nth, observed }) =>
        `- ${scenario} ${nth}: ${observed?.runIds.map((id) => `\`${id}\``).join(', ')}`,
    )
    .join('\n');

const rateOf = (attempts: readonly Attempt[]): string => {
  const good = attempts.filter(({ error }) => error === null).length;
  return `${good} of ${attempts.length} (${attempts.length === 0 ? 0 : Math.floor((good / attempts.length) * 100)} %)`;
};

/** What was tried of one workflow came out as it should: four of five runs, and every expected failure clean. */
const isAsExpected = (attempts: readonly Attempt[]): boolean => {
  const isGood = ({ error }: Attempt): boolean => error === null;
  const happy = attempts.filter(({ scenario }) => scenario === 'happy');
  const others = attempts.filter(({ scenario }) => scenario !== 'happy');
  return happy.filter(isGood).length >= happy.length * 0.8 && others.every(isGood);
};

/** Five runs of each workflow, three attempts of whatever else applies to it. */
const isWhole = ({ attempts, workflows, lab }: Evidence): boolean =>
  workflows.every((of) => {
    const count = (name: string): number =>
      attempts.filter(({ workflow, scenario }) => workflow === of.workflow && scenario === name).length;
    return scenarios
      .filter(({ inapplicable }) => !inapplicable(of, lab))
      .every(({ name }) => count(name) >= (name === 'happy' ? 5 : 3));
  });

/** Whether all that was tried is what the test plan asks for. */
export const isAccepted = ({ attempts, workflows }: Evidence): boolean =>
  workflows.every(({ workflow }) => isAsExpected(attempts.filter((one) => one.workflow === workflow)));

const verdictOf = (evidence: Evidence): string => {
  if (!isAccepted(evidence)) return '**no**';
  return isWhole(evidence) ? 'yes' : 'what was tried is; it was not all that is asked for';
};

/** The page `docs/test-results.md`. */
export const render = (evidence: Evidence): string => {
  const { environment, workflows, attempts } = evidence;
  return `${[
    '# Test results',
    '',
    'Written by `npm run evidence -- --write`, which runs every workflow with the real tools and keeps what failed; not edited by',
    'hand. [The test plan](test-plan.md) says what each scenario is, and what is asked for.',
    '',
    row('', ''),
    '|---|---|',
    ...Object.entries(environment).map(([name, value]) => row(name, value)),
    row('attempts as expected', rateOf(attempts)),
    row('took', `${Math.round(evidence.seconds / 60)} min`),
    row('as the test plan asks', verdictOf(evidence)),
    '',
    row('workflow', 'runs that succeeded', 'shortest', 'median', 'longest', 'other scenarios as expected'),
    '|---|--:|--:|--:|--:|--:|',
    ...workflows.map(({ workflow }) => {
      const ours = attempts.filter((one) => one.workflow === workflow);
      const happy = ours.filter(({ scenario }) => scenario === 'happy');
      return row(
        `[${workflow}](#${workflow})`,
        rateOf(happy),
        ...durations(happy),
        rateOf(ours.filter(({ scenario }) => scenario !== 'happy')),
      );
    }),
    '',
    'A duration is that of one run, from its start until its end was seen, waiting included; preparation is not in it.',
    '',
    ...workflows.flatMap((of) => [sectionOf(evidence, of), '']),
    '## Runs',
    '',
    ...workflows.flatMap((of) => [`### Runs of ${of.workflow}`, '', idsOf(evidence, of), '']),
  ].join('\n')}`;
};
