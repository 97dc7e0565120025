import type { ListFigures } from './approval-lists';
import type { MeasuredBundle } from './bundle-sizes';
import { type ConcurrentRuns, describeConcurrentRuns } from './concurrent-runs';
import type { DecisionLatency } from './decision-latency';
import { describeDriftSweep } from './describe-drift-sweep';
import type { DriftSweepFigures } from './drift-sweep';
import { type EngineOverhead, enginePhases, plainStages } from './engine';
import { describeLedger, type LedgerFigures } from './ledger';
import type { MachineFacts } from './machine-facts';
import type { PlanPageFigures } from './plan-page';
import { milliseconds, seconds, table, verdict } from './report-parts';
import { describeRotation, type RotationFigures } from './rotation';
import type { RunCost } from './run-cost';
import { describeSchedules, type ScheduleFigures } from './schedule-delay';
import { describeVerifying, type VerifyFigures } from './verify-ledger';
import type { WholeRuns } from './whole-run';
import type { WorkerMemory } from './worker-memory';

export interface BenchResults {
  readonly facts: MachineFacts;
  readonly wholeRuns: WholeRuns;
  readonly engine: EngineOverhead;
  readonly decisions: DecisionLatency;
  readonly lists: readonly ListFigures[];
  readonly schedules: ScheduleFigures;
  readonly bundles: readonly MeasuredBundle[];
  readonly cost: RunCost;
  readonly concurrentRuns: readonly ConcurrentRuns[];
  readonly driftSweep: DriftSweepFigures;
  readonly rotation: RotationFigures;
  readonly planPages: readonly PlanPageFigures[];
  readonly workerMemory: readonly WorkerMemory[];
  readonly ledger: LedgerFigures;
  readonly verifying: readonly VerifyFigures[];
}

const kilobytes = (bytes: number): string => `${Math.round(bytes / 1000)} KB`;
const dollars = (value: number): string => `$${value.toFixed(5)}`;

/** The workflow's states beside the script's stages that do the same. */
const pairs: readonly { states: readonly string[]; script: readonly string[]; why: string }[] = [
  {
    states: ['Begin run'],
    script: [],
    why: 'input checked against the catalogue, lease taken, start recorded in the ledger',
  },
  {
    states: ['Plan change'],
    script: plainStages.plan,
    why: 'the module is read and judged before it runs; plan and document are stored by version and digest',
  },
  {
    states: ['Preview configuration', 'Bind change'],
    script: [],
    why: "the role's tasks are listed; plan and playbook become one digest",
  },
  {
    states: ['Wait for approval'],
    script: [],
    why: 'mail, page, form, conditional decision, callback; the decision comes as soon as the mail does',
  },
  {
    states: ['Apply change'],
    script: plainStages.apply,
    why: 'the approval, the bytes and the tools are checked again; the host boots in both',
  },
  {
    states: ['Configure hosts'],
    script: ['configure'],
    why: 'the approval is checked again; a key for this run alone; every task recorded through ansible-runner',
  },
  { states: ['Scan compliance'], script: ['scan'], why: 'the same, and the report is stored' },
  {
    states: ['Record end', 'Notify'],
    script: [],
    why: 'outcome in run and ledger, lease given back, mail to operations',
  },
];

const stageTable = ({ workflow, plain }: WholeRuns): string => {
  const rows = pairs.map(({ states, script, why }) => {
    const ours = states.reduce((sum, state) => sum + (workflow.stages[state] ?? 0), 0);
    const theirs = script.reduce((sum, stage) => sum + (plain.stages[stage] ?? 0), 0);
    return { name: states.join(', '), ours, theirs, why };
  });
  const rest = {
    name: 'Between states',
    ours: workflow.seconds - rows.reduce((sum, { ours }) => sum + ours, 0),
    theirs: plain.seconds - rows.reduce((sum, { theirs }) => sum + theirs, 0),
    why: 'start, choices, and the look that sees the end',
  };
  return table(
    ['stage (median)', 'workflow', 'script', 'difference', 'what the workflow does more'],
    [...rows, rest].map(({ name, ours, theirs, why }) => [
      name,
      seconds(ours),
      seconds(theirs),
      seconds(ours - theirs),
      why,
    ]),
  );
};

const describeWholeRuns = (runs: WholeRuns): string => {
  const { workflow, plain, ratio, samples, rounds } = runs;
  const list = (values: readonly number[]) => values.map((value) => value.toFixed(1)).join(', ');
  return `## The whole run against a plain script

\`vm-provisioning\` on the example with an immediate approval, against \`scripts/bench/plain-run.sh\`, which calls the
same OpenTofu commands and plays the same roles with \`ansible-playbook\`, on a fresh host from the same host controller.
Median of ${rounds} ${rounds === 1 ? 'round' : 'rounds'} after one that warms up; within a round the first alternates.

${table(
  ['', 'median', 'all rounds'],
  [
    ['workflow', seconds(workflow.seconds), list(samples.workflow)],
    ['plain script', seconds(plain.seconds), list(samples.plain)],
    ['ratio', `${ratio.toFixed(2)}×`, `aim ≤ 1.15×: ${verdict(ratio <= 1.15)}`],
  ],
)}

${stageTable(runs)}`;
};

const describeEngine = ({ ours, bare, checks, rest, above }: EngineOverhead): string =>
  `## The change engine against the bare tool

Plan and apply of the same runs, without the boot of the host: the seconds that workers spent in each command of
OpenTofu, and beside it, beside the plain script's. A warm worker initializes, validates and reads a module once.

${table(
  ['phase (median)', 'engine', 'bare tool', 'difference'],
  [
    ...enginePhases.map((phase) => [
      phase,
      seconds(ours[phase]),
      seconds(bare[phase]),
      seconds(ours[phase] - bare[phase]),
    ]),
    ["the tool's version, the module read", seconds(checks), seconds(0), seconds(checks)],
    ['policy, redaction, hashes, uploads, steps', seconds(rest), seconds(0), seconds(rest)],
    ['**sum**', '', '', `**${seconds(above)}**`],
  ],
)}

Aim: at most 0.60 s above the bare tool, which encrypts too: ${verdict(above <= 0.6)}.`;

const describeDecisions = ({ decisions, firstByte, fromSending, fromAnswer }: DecisionLatency): string =>
  `## From a decision to the resumed run

${decisions} decisions on the block \`approval-gate\`, each through the real pages (open the link, send the form); the run
has resumed when the execution's own history says that it left the waiting state.

${table(
  ['', 'p50', 'p99'],
  [
    ['the page, to its first byte', milliseconds(firstByte.p50), milliseconds(firstByte.p99)],
    ['from sending the form', milliseconds(fromSending.p50), milliseconds(fromSending.p99)],
    ["from the form's answer", milliseconds(fromAnswer.p50), milliseconds(fromAnswer.p99)],
  ],
)}

Aim: p99 under 500 ms, from sending: ${verdict(fromSending.p99 < 500)}; first byte under 100 ms in the middle: ${verdict(
    firstByte.p50 < 100,
  )}.`;

const describeLists = (lists: readonly ListFigures[]): string => {
  const [few, many] = [lists[0], lists.at(-1)];
  const ratio = few && many ? many.p50 / few.p50 : Number.NaN;
  return `## What waits for somebody

The first page of what an approver may answer, read from the table as the page does: the names of the lists, one query
of each, one read of what is shown. The emulator walks through its whole table for a query, DynamoDB does not.

${table(
  ['approvals that wait', 'p50', 'p99'],
  lists.map(({ waiting, p50, p99 }) => [
    new Intl.NumberFormat('en').format(waiting),
    milliseconds(p50),
    milliseconds(p99),
  ]),
)}

Ratio: ${ratio.toFixed(1)}×.`;
};

const whyOver = `The runner brings a YAML parser (100 KB), which lists the tasks of roles, and the clients of EC2 and EC2 Instance Connect
(45 KB), which reach hosts. On AWS it is a container image, whose size the tools decide.`;

const describeBundles = (bundles: readonly MeasuredBundle[]): string => {
  const over = bundles.filter(({ bytes }) => bytes > 600_000);
  return `## Bundles

Load: median of seven fresh processes from \`require\` to the ready handler, beside an empty handler that makes the same
AWS clients, bundled the same way.

${table(
  ['function', 'size', 'load', 'empty', 'clients'],
  bundles.map(({ name, bytes, loadMs, emptyLoadMs, clients }) => [
    name,
    kilobytes(bytes),
    milliseconds(loadMs),
    milliseconds(emptyLoadMs),
    clients.map((client) => client.replace('client-', '')).join(', '),
  ]),
)}

Aim: none over 600 KB: ${verdict(over.length === 0)}${
    over.length === 0 ? '.' : ` (${over.map(({ name }) => name).join(', ')}).\n${whyOver}`
  }`;
};

const describeCost = ({
  transitions,
  transitionsOnFargate,
  transitionsByMachine,
  dollars: byService,
  total,
}: RunCost): string =>
  `## State transitions and cost of a run

Counted in the histories of the last measured run and of its blocks: **${transitions}** transitions, retries included
(aim ≤ 60: ${verdict(transitionsOnFargate <= 60)}). Where Ansible runs on Fargate, as on AWS, it is ${transitionsOnFargate}.

${table(
  ['machine', 'transitions'],
  Object.entries(transitionsByMachine).map(([name, count]) => [name, String(count)]),
)}

On AWS, by the list prices and the model in \`scripts/bench/run-cost.ts\` (us-east-1, not looked up for this release, no free tier; durations as
measured here, Ansible on Fargate with the time to pull its image):

${table(
  ['service', 'per run'],
  [
    ...Object.entries(byService).map(([name, value]) => [name, dollars(value)]),
    ['**total**', `**${dollars(total)}**`],
  ],
)}`;

const describePlanPages = (figures: readonly PlanPageFigures[]): string => {
  const largest = figures.reduce((a, b) => (b.resources > a.resources ? b : a));
  return `## The plan page

Real plans of \`terraform_data\`, written as document and pages and rendered, each in a process of its own. Median of
three. Memory is what the process held above the parsed plan, whose JSON OpenTofu gives as a whole.

${table(
  [
    'resources',
    'plan JSON',
    'document',
    'memory above',
    'pages',
    'first page',
    'rendered',
    'largest other',
    'slowest other',
  ],
  figures.map((one) => [
    String(one.resources),
    kilobytes(one.planBytes),
    milliseconds(one.buildMs),
    `${one.aboveMib.toFixed(1)} MiB`,
    String(one.pages),
    kilobytes(one.overviewBytes),
    milliseconds(one.overviewMs),
    kilobytes(one.largestPageBytes),
    milliseconds(one.slowestPageMs),
  ]),
)}

Aim: ${largest.resources} resources rendered in under a second: ${verdict(Math.max(largest.overviewMs, largest.slowestPageMs) < 1000)}; the
first page under 100 KB: ${verdict(largest.overviewBytes < 100_000)}.`;
};

const describeWorkerMemory = (measured: readonly WorkerMemory[]): string => {
  const [smallest] = measured;
  const largest = measured.at(-1);
  if (!smallest || !largest) throw new Error('No worker was measured.');
  const growth = Math.max(largest.planMib / smallest.planMib, largest.applyMib / smallest.applyMib);
  return `## Memory of a worker

Real plans and applies of \`terraform_data\`, each in a process of its own that does all of it (policy, redaction, pages,
hashes, uploads, the configuration of hosts aside): the most that this process held at once, by the kernel, without the
tools that it starts. What grows is the plan's own JSON, which OpenTofu gives as a whole.

${table(
  ['resources', 'plan', 'apply'],
  measured.map(({ resources, planMib, applyMib }) => [
    String(resources),
    `${planMib.toFixed(0)} MiB`,
    `${applyMib.toFixed(0)} MiB`,
  ]),
)}

From ${smallest.resources} to ${largest.resources} resources: ${growth.toFixed(2)}×.`;
};

const describeFacts = (facts: MachineFacts): string =>
  `## Where this was measured

${table(
  ['', ''],
  Object.entries(facts).map(([name, value]) => [name, value]),
)}`;

/** The results as a page. */
export const reportOf = (results: BenchResults): string =>
  [
    `# Benchmarks

Made by \`npm run bench -- --write\`, which measures all of this in one run on one machine; not edited by hand.`,
    describeWholeRuns(results.wholeRuns),
    describeEngine(results.engine),
    describeConcurrentRuns(results.concurrentRuns),
    describeDriftSweep(results.driftSweep),
    describeRotation(results.rotation),
    describeDecisions(results.decisions),
    describeLists(results.lists),
    describeSchedules(results.schedules),
    describeBundles(results.bundles),
    describePlanPages(results.planPages),
    describeWorkerMemory(results.workerMemory),
    describeLedger(results.ledger),
    describeVerifying(results.verifying),
    describeCost(results.cost),
    describeFacts(results.facts),
    '',
  ].join('\n\n');

/** The page with one of its sections replaced, or added before the facts of the machine. */
export const withSection = (page: string, section: string): string => {
  const heading = section.slice(0, section.indexOf('\n') + 1);
  const parts = page.split(/^(?=## )/m);
  const text = `${section.trimEnd()}\n\n`;
  return parts.some((part) => part.startsWith(heading))
    ? parts.map((part) => (part.startsWith(heading) ? text : part)).join('')
    : [...parts.slice(0, -1), text, ...parts.slice(-1)].join('');
};
