/** Measures overhead, decision latency, bundles, the plan page, memory and cost in one run: `npm run bench [-- --write]`. */
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { watchInterruption } from '../local/interruption';
import { createProgress } from '../local/progress';
import { ensureToolchain } from '../local/toolchain/toolchain';
import { measureLists } from './bench/approval-lists';
import { type BenchPlatform, withPlatform } from './bench/bench-platform';
import { measureBundles } from './bench/bundle-sizes';
import { describeConcurrentRuns, measureConcurrentRuns } from './bench/concurrent-runs';
import { measureDecisions } from './bench/decision-latency';
import { describeDriftSweep } from './bench/describe-drift-sweep';
import { measureDriftSweep } from './bench/drift-sweep';
import { measureEngine } from './bench/engine';
import { describeLedger, measureLedger } from './bench/ledger';
import { machineFacts } from './bench/machine-facts';
import { measurePlanPages } from './bench/plan-page';
import { reportOf, withSection } from './bench/report';
import { describeRotation, measureRotation } from './bench/rotation';
import { measureCost } from './bench/run-cost';
import { describeSchedules, measureSchedules } from './bench/schedule-delay';
import { describeVerifying, measureVerifying } from './bench/verify-ledger';
import { measureWholeRuns } from './bench/whole-run';
import { measureWorkerMemory } from './bench/worker-memory';

// The SDK announces the end of old Node versions in the middle of the progress; the package's engines decide that.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const repository = resolve(__dirname, '..');
const benchmarks = join(repository, 'docs/benchmarks.md');
const usage = `Usage: npm run bench [-- OPTIONS]

  --write          write docs/benchmarks.md too
  --rounds N       rounds of workflow and plain script (default 5)
  --decisions N    decisions (default 200)
  --workspaces N   workspaces that a sweep looks at for drift (default 200)
  --only SECTION   ledger (appends), verify, concurrency, drift, schedules or rotation alone
`;

const alone: readonly string[] = ['ledger', 'verify', 'concurrency', 'drift', 'schedules', 'rotation'];

const countOf = (text: string, most: number): number => {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > most)
    throw new Error(`Give a whole number from 1 to ${most}, and not "${text}".\n\n${usage}`);
  return count;
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      write: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '5' },
      decisions: { type: 'string', default: '200' },
      workspaces: { type: 'string', default: '200' },
      only: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const rounds = countOf(values.rounds, 50);
  const decisions = countOf(values.decisions, 2000);
  const workspaces = countOf(values.workspaces, 10_000);
  if (values.only !== undefined && !alone.includes(values.only))
    throw new Error(`There is no section "${values.only}" that can be measured alone.\n\n${usage}`);
  const progress = createProgress();
  const interruption = watchInterruption();
  const { signal } = interruption;
  // Never the state of `npm start`: it is removed before and after.
  const stateDir = join(repository, '.local-bench');
  const verifying = () => progress.step('Verifying the ledger', measureVerifying);
  const tellAlone = async (section: string): Promise<void> => {
    process.stdout.write(`\n${section}\n`);
    if (values.write) await writeFile(benchmarks, withSection(await readFile(benchmarks, 'utf8'), section));
  };
  try {
    if (values.only === 'verify') return await tellAlone(describeVerifying(await verifying()));
    const toolchain = await ensureToolchain(progress, { needHosts: true });
    const ledgerFigures = () =>
      progress.step('The ledger', (note) => measureLedger({ toolchain, stateDir, note, signal }));
    const atOnce = (bench: BenchPlatform) =>
      progress.step('Runs at once', (note) => measureConcurrentRuns(bench, { note, line: progress.line }));
    const sweeping = (bench: BenchPlatform) =>
      progress.step('Drift', (note) => measureDriftSweep(bench, { workspaces, note }));
    if (values.only === 'drift')
      return await tellAlone(
        describeDriftSweep(await withPlatform({ repository, stateDir, progress, signal }, sweeping)),
      );
    const rotating = (bench: BenchPlatform) =>
      progress.step('Rotation', (note) => measureRotation(bench, note));
    if (values.only === 'rotation')
      return await tellAlone(
        describeRotation(await withPlatform({ repository, stateDir, progress, signal }, rotating)),
      );
    if (values.only === 'concurrency')
      return await tellAlone(
        describeConcurrentRuns(await withPlatform({ repository, stateDir, progress, signal }, atOnce)),
      );
    if (values.only === 'ledger') return await tellAlone(describeLedger(await ledgerFigures()));
    if (values.only === 'schedules')
      return await withPlatform({ repository, stateDir, progress, signal }, async (bench) =>
        tellAlone(
          describeSchedules(await progress.step('Schedules', (note) => measureSchedules(bench, note))),
        ),
      );
    const facts = await machineFacts(repository, toolchain);
    const planPages = await progress.step('Plan pages', (note) =>
      measurePlanPages({ repository, tofu: join(toolchain.tofuBinDir, 'tofu') }, note),
    );
    const ledger = await ledgerFigures();
    const verified = await verifying();
    const report = await withPlatform({ repository, stateDir, progress, signal }, async (bench) => {
      const wholeRuns = await progress.step('Whole runs', (note) =>
        measureWholeRuns(bench, { rounds, note }),
      );
      const engine = await measureEngine(bench, wholeRuns);
      const measured = await progress.step('Decisions', (note) =>
        measureDecisions(bench, { decisions, note }),
      );
      const lists = await progress.step('Lists', (note) => measureLists(bench, note));
      const schedules = await progress.step('Schedules', (note) => measureSchedules(bench, note));
      const bundles = await progress.step('Bundles', () => measureBundles(bench));
      const workerMemory = await progress.step('Memory of workers', (note) =>
        measureWorkerMemory(bench, note),
      );
      const concurrentRuns = await atOnce(bench);
      const driftSweep = await sweeping(bench);
      const rotation = await rotating(bench);
      const cost = await progress.step('Cost', () => measureCost(bench, wholeRuns.runIds.at(-1) ?? ''));
      return reportOf({
        facts,
        wholeRuns,
        engine,
        decisions: measured,
        lists,
        schedules,
        bundles,
        cost,
        concurrentRuns,
        driftSweep,
        rotation,
        planPages,
        workerMemory,
        ledger,
        verifying: verified,
      });
    });
    process.stdout.write(`\n${report}`);
    if (values.write) await writeFile(benchmarks, report);
  } finally {
    interruption.dispose();
  }
};

main().catch((error: unknown) => {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
