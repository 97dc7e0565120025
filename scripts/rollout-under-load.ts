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
const usage = `npm run rollout:load -- [--per-second N]

On a platform of its own: makes three hosts, rolls a release out over them, then one that is well on the first two and
not on the last, so that all three go back; both under load. Prints requests, failures and durations by phase as JSON.

  --per-second N   requests a second, 1 to 500 (default 50)
`;

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: { 'per-second': { type: 'string', default: '50' }, help: { type: 'boolean' } },
  });
  const perSecond = Number(values['per-second']);
  if (values.help || !Number.isInteger(perSecond) || perSecond < 1 || perSecond > 500) {
    process.stdout.write(usage);
    return values.help ? 0 : 2;
  }
  const progress = createProgress();
  const { signal, dispose } = watchInterruption();
  try {
    const stateDir = join(repository, '.local-rollout');
    const report = await withPlatform({ repository, stateDir, progress, signal }, (bench) =>
      rollouts(bench, { perSecond, progress }),
    );
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return 0;
  } finally {
    dispose();
  }
};

exitWith(main);
