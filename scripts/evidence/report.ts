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

/** What was seen of one workflow, by scenario. */
const seenOf = (evidence: Evidence, of: WorkflowEvidence): string => {
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

/** Five runs of a workflow, three attempts of whatever else applies to it. */
const isWhole = ({ attempts, lab }: Evidence, of: WorkflowEvidence): boolean => {
  const count = (name: string): number =>
    attempts.filter(({ workflow, scenario }) => workflow === of.workflow && scenario === name).length;
  return scenarios
    .filter(({ inapplicable }) => !inapplicable(of, lab))
    .every(({ name }) => count(name) >= (name === 'happy' ? 5 : 3));
};

/** Whether all that was tried is what the test plan asks for. */
export const isAccepted = ({ attempts, workflows }: Evidence): boolean =>
  workflows.every(({ workflow }) => isAsExpected(attempts.filter((one) => one.workflow === workflow)));

const verdictOf = (evidence: Evidence, of: WorkflowEvidence): string => {
  if (!isAccepted({ ...evidence, workflows: [of] })) return '**no**';
  return isWhole(evidence, of) ? 'yes' : 'in part';
};

/** Its row of the index, hidden in the page of a workflow: what was not run again keeps it. */
const summaryMark = (line: string): string => `<!-- summary ${line} -->`;
const summaryIn = (page: string): string => /^<!-- summary (.*) -->$/m.exec(page)?.[1] ?? '';

/** The page `docs/test-results/<workflow>.md`. */
export const pageOf = (evidence: Evidence, of: WorkflowEvidence): string => {
  const { environment } = evidence;
  const ours = evidence.attempts.filter(({ workflow }) => workflow === of.workflow);
  const happy = ours.filter(({ scenario }) => scenario === 'happy');
  const others = ours.filter(({ scenario }) => scenario !== 'happy');
  const summary = row(
    `[${of.workflow}](test-results/${of.workflow}.md)`,
    rateOf(happy),
    ...durations(happy),
    rateOf(others),
    verdictOf(evidence, of),
    `${environment.date}, ${environment.commit}`,
  );
  return `${[
    `# Test results: ${of.workflow}`,
    summaryMark(summary),
    '',
    'Written by `npm run evidence -- --write`; not edited by hand. [All results](../test-results.md),',
    '[what each scenario is](../test-plan.md).',
    '',
    seenOf(evidence, of),
    '',
    '## Where',
    '',
    row('', ''),
    '|---|---|',
    ...Object.entries(environment).map(([name, value]) => row(name, value)),
    row('took, with all that ran then', `${Math.round(evidence.seconds / 60)} min`),
    '',
    '## Runs',
    '',
    idsOf(evidence, of),
  ].join('\n')}\n`;
};

/** The page `docs/test-results.md`, of the pages of all workflows. */
export const indexOf = (pages: readonly string[]): string =>
  `${[
    '# Test results',
    '',
    'Written by `npm run evidence -- --write`, which runs workflows with the real tools and keeps what failed; not edited by hand.',
    'Each workflow has a page with its scenarios, its runs, and where and when they were run. [The test plan](test-plan.md) says what',
    'each scenario is, and what is asked for: *in part* is what came out as it should, and was not tried as often as that.',
    '',
    row(
      'workflow',
      'runs that succeeded',
      'shortest',
      'median',
      'longest',
      'other scenarios as expected',
      'as the test plan asks',
      'when, commit',
    ),
    '|---|--:|--:|--:|--:|--:|---|---|',
    ...pages.map(summaryIn),
    '',
    'A duration is that of one run, from its start until its end was seen, waiting included; preparation is not in it.',
  ].join('\n')}\n`;
