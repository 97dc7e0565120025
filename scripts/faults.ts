/** Runs many small workflows while workers die and services fail, and looks for damage: `npm run test:faults`. */
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { watchInterruption } from '../local/interruption';
import { createProgress } from '../local/progress';
import { ensureToolchain } from '../local/toolchain/toolchain';
import { withPlatform } from './bench/bench-platform';
import { makeFaultApp } from './faults/fault-app';
import { withFaults } from './faults/fault-platform';
import { makeFaultJudge } from './faults/faulted-run';
import { runSuite, type SuiteReport } from './faults/suite';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const repository = resolve(__dirname, '..');
const usage = `Usage: npm run test:faults [-- OPTIONS]

  --runs N      seeded runs (default 200)
  --verbose     a line for each run

  FAULT_SEED=SEED       repeats a whole suite
  FAULT_SEED=SEED/N     repeats its N-th run alone
`;

const counted = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, times]) => `${name} ${times}`)
    .join(', ');

const summary = (seed: string, report: SuiteReport): string =>
  [
    ...report.violations.map((text) => `violation: ${text}`),
    `ended: ${counted(report.outcomes)}`,
    `faults that met something: ${counted(report.happened)}; left to the lock doctor: ${report.leftToDoctor}`,
    `seed ${seed}, ${Math.round(report.seconds)} s`,
    `faults: ${report.runs} runs, ${report.violations.length} violations`,
  ].join('\n');

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '200' },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1 || runs > 100_000)
    throw new Error(`Give a whole number of runs from 1 to 100000, and not "${values.runs}".\n\n${usage}`);
  const [seed = '', only] = (process.env.FAULT_SEED ?? randomBytes(4).toString('hex')).split('/');
  const seeds =
    only === undefined ? Array.from({ length: runs }, (_, n) => `${seed}/${n}`) : [`${seed}/${only}`];
  process.stdout.write(`seed ${seed}\n`);

  const progress = createProgress();
  const interruption = watchInterruption();
  try {
    const folder = join(repository, '.local-faults');
    const { tofuBin } = await ensureToolchain(progress, { needHosts: true });
    const app = join(folder, 'app');
    await makeFaultApp(repository, app, tofuBin);
    const report = await withPlatform(
      { repository: app, stateDir: join(folder, 'state'), progress, signal: interruption.signal },
      (bench) => {
        const judge = makeFaultJudge();
        return withFaults(bench, judge.judge, (platform) => {
          let done = 0;
          const show = (note: (text: string) => void) =>
            runSuite(platform, judge, {
              seeds,
              onRun: (text, violations) => {
                note(`${++done} of ${seeds.length}`);
                if (values.verbose || violations.length > 0)
                  progress.line([text, ...violations.map((each) => `  violation: ${each}`)].join('\n'));
              },
            });
          return progress.step('Runs under faults', show);
        });
      },
    );
    process.stdout.write(`${summary(seed, report)}\n`);
    return report.violations.length === 0 ? 0 : 1;
  } finally {
    interruption.dispose();
  }
};

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  },
);
