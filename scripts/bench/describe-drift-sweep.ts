import { plainText } from '../../lambdas/shared/plain-text';
import type { DriftSweepFigures } from './drift-sweep';
import { seconds, table, verdict } from './report-parts';
import { lambdaDollars, prices } from './run-cost';

const limits = { events: 25_000, payload: 262_144 } as const;

const mib = (value: number): string => `${Math.round(value)} MiB`;
const grouped = (value: number): string => value.toLocaleString('en');
const bytes = (value: number): string => `${grouped(value)} bytes`;

/** Why checks failed, the unexpected first: by error, since many fail for one reason. */
const describeFailures = (failures: DriftSweepFigures['failures']): string => {
  const groups = new Map<string, DriftSweepFigures['failures'][number][]>();
  for (const failure of failures) {
    const key = `${failure.damaged ? 'damaged' : 'not damaged'}: \`${failure.name}\``;
    groups.set(key, [...(groups.get(key) ?? []), failure]);
  }
  const lines = [...groups]
    .sort(([one], [other]) => other.localeCompare(one))
    .map(
      ([key, [first, ...more]]) =>
        `- ${more.length + 1} ${key}, as ${first?.workspace}: ${plainText(first?.message ?? '', 300)}`,
    );
  return lines.length === 0 ? '' : `Failed, and why:\n\n${lines.join('\n')}\n\n`;
};

/** The section of the page about a sweep. */
export const describeDriftSweep = (figures: DriftSweepFigures): string => {
  const { atOnce, found, expected, wall, stages, check, memory, events, payload, lambda } = figures;
  const checking = stages['Check workspaces'] ?? Number.NaN;
  const [states, functions] = [figures.transitions * prices.stateTransition, lambdaDollars(lambda)];
  const isAsPrepared =
    found.drifted === expected.drifted &&
    found.failed === expected.failed &&
    found.clean === found.workspaces - expected.drifted - expected.failed;
  const isWithinLimits = events < limits.events && Math.max(payload.sweep, payload.check) < limits.payload;
  return `## Drift over many workspaces

One run of \`drift-detection\` over ${grouped(found.workspaces)} workspaces of one tenant, ${atOnce} at once. One workspace is applied by a
real run; the others have copies of its encrypted state and of what is known of it, without its machine. Each check is a
run of its own with two real plans. Of every 50 workspaces one differs from its configuration, of every 200 one has a damaged state.

${table(
  ['what', 'figure'],
  [
    ['the whole run', seconds(wall)],
    [
      `its checks, ${atOnce} at once`,
      `${seconds(checking)}: ${(found.workspaces / checking).toFixed(2)} workspaces a second`,
    ],
    ['list of workspaces', seconds(stages['List workspaces'] ?? Number.NaN)],
    ['report', seconds(stages['Report drift'] ?? Number.NaN)],
    ['one check, p50 and p99', `${seconds(check.p50)}, ${seconds(check.p99)}`],
    [
      'clean, drifted, failed, skipped',
      `${found.clean}, ${found.drifted}, ${found.failed}, ${found.skipped}`,
    ],
    ['prepared as drifted, and as damaged', `${expected.drifted}, ${expected.failed}`],
    ['history of the sweep (limit 25,000)', `${grouped(events)} events`],
    [
      'largest payload, of the sweep and of a check (limit 262,144)',
      `${bytes(payload.sweep)}, ${bytes(payload.check)}`,
    ],
    ['memory of the emulator, before and at most', `${mib(memory.emulatorBefore)}, ${mib(memory.emulator)}`],
    ['memory of all workers at most, and of one', `${mib(memory.workers)}, ${mib(memory.worker)}`],
    ['state transitions', `${grouped(figures.transitions)}: $${states.toFixed(2)}`],
    [
      'functions',
      `${grouped(lambda.invocations)} calls, ${grouped(Math.round(lambda.gigabyteSeconds))} GB-s: $${functions.toFixed(2)}`,
    ],
    ['load of the machine at the end (5 min)', figures.load.toFixed(1)],
    [
      'modelled cost on AWS',
      `$${(states + functions).toFixed(2)}, $${((1000 * (states + functions)) / found.workspaces).toFixed(2)} per thousand workspaces`,
    ],
  ],
)}

${describeFailures(figures.failures)}Aim: every failure is tolerated and reported, and nothing else: ${verdict(isAsPrepared)}; within the limits of Step Functions: ${verdict(isWithinLimits)}.
Times of checks, payloads and what functions do are those of ${figures.sampled} of them, evenly chosen. The tools share the processors of this machine;
on AWS each check has its own. The cost is that of transitions and functions by \`scripts/bench/run-cost.ts\`, with the seconds
that functions took here; requests to S3, DynamoDB and KMS are not in it. See [costs](costs.md).`;
};
