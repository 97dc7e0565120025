/** A good and a bad release under load, with the count of failed requests: `npm run rollout:load`. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { watchInterruption } from '../local/interruption';
import { createProgress } from '../local/progress';
import { withPlatform } from './bench/bench-platform';
import { exitWith } from './exit-with';
import { rollouts } from './rollout/rollouts';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const repository = resolve(__dirname, '..');
const usage = `npm run rollout:load -- [--hosts N] [--per-second N]

On a platform of its own: makes hosts, rolls a release out over them, then one that is well on all but the last, so that
all of them go back; both under load. Prints requests, failures and durations by phase as JSON.

  --hosts N        2 to 10 (default 3)
  --per-second N   requests a second, 1 to 500 (default 50)
`;

const wholeNumber = (text: string, least: number, most: number): number | undefined => {
  const value = Number(text);
  return Number.isInteger(value) && value >= least && value <= most ? value : undefined;
};

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      hosts: { type: 'string', default: '3' },
      'per-second': { type: 'string', default: '50' },
      help: { type: 'boolean' },
    },
  });
  const count = wholeNumber(values.hosts, 2, 10);
  const perSecond = wholeNumber(values['per-second'], 1, 500);
  if (values.help || count === undefined || perSecond === undefined) {
    process.stdout.write(usage);
    return values.help ? 0 : 2;
  }
  const progress = createProgress();
  const { signal, dispose } = watchInterruption();
  try {
    const stateDir = join(repository, '.local-rollout');
    const report = await withPlatform({ repository, stateDir, progress, signal }, (bench) =>
      rollouts(bench, { perSecond, count, progress }),
    );
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return 0;
  } finally {
    dispose();
  }
};

exitWith(main);
