/** Lets people decide on one change at the same moment, again and again, over HTTP: `npm run test:race`. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { watchInterruption } from '../local/interruption';
import { platformClients } from '../local/platform-clients';
import { createProgress } from '../local/progress';
import { type BenchPlatform, withPlatform } from './bench/bench-platform';
import { percentile } from './bench/statistics';
import { exitWith } from './exit-with';
import type { RacePlatform } from './race/race-gate';
import { type RaceReport, runRaces } from './race/run-races';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const repository = resolve(__dirname, '..');
const usage = `Usage: npm run test:race [-- OPTIONS]

  --rounds N     approvals, half of them for two people (default 1000)
  --answers N    answers at the same moment to each (default 32)
`;

const countOf = (name: string, text: string, most: number): number => {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 2 || count > most)
    throw new Error(`Give --${name} a whole number from 2 to ${most}, and not "${text}".\n\n${usage}`);
  return count;
};

const racePlatform = ({ functions, platform, outputs, stepFunctions }: BenchPlatform): RacePlatform => {
  const tableIn = (variable: string): string => {
    const table = functions.map(({ Environment }) => Environment?.Variables?.[variable]).find(Boolean);
    if (!table) throw new Error(`No deployed function has ${variable}.`);
    return table;
  };
  const { gatewayUrl } = platform;
  const { dynamoDb } = platformClients(gatewayUrl);
  return {
    ...outputs,
    gatewayUrl,
    approvalsTable: tableIn('APPROVALS_TABLE'),
    peopleTable: tableIn('PEOPLE_TABLE'),
    stepFunctions,
    dynamoDb,
  };
};

const summary = ({ rounds, answers, violations, counts, answerMs }: RaceReport, seconds: number): string =>
  [
    ...violations.slice(0, 100).map((text) => `violation: ${text}`),
    ...Object.entries(counts)
      .sort(([one], [other]) => one.localeCompare(other))
      .map(([name, times]) => `${name}: ${times}`),
    `an answer under this load: p50 ${Math.round(percentile(answerMs, 0.5))} ms, p99 ${Math.round(percentile(answerMs, 0.99))} ms`,
    `race: ${rounds} rounds, ${answers} answers, ${Math.round(seconds)} s, ${violations.length} violations`,
  ].join('\n');

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '1000' },
      answers: { type: 'string', default: '32' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const rounds = countOf('rounds', values.rounds, 100_000);
  const answers = countOf('answers', values.answers, 200);
  const progress = createProgress();
  const interruption = watchInterruption();
  const { signal } = interruption;
  try {
    const stateDir = join(repository, '.local-race');
    return await withPlatform({ repository, stateDir, progress, signal }, async (bench) => {
      const began = performance.now();
      const report = await progress.step('Races', (note) =>
        runRaces(racePlatform(bench), {
          rounds,
          answers,
          onRound: (done) => note(`${done} of ${rounds}`),
          signal,
        }),
      );
      process.stdout.write(`${summary(report, (performance.now() - began) / 1000)}\n`);
      return report.violations.length === 0 && report.rounds === rounds ? 0 : 1;
    });
  } finally {
    interruption.dispose();
  }
};

exitWith(main);
