import { intervalMs } from '../../local/run-workflow';
import { makeLab } from '../evidence/lab';
import { localTarget } from '../evidence/local-target';
import type { BenchPlatform } from './bench-platform';
import { removeHosts } from './plain-run';
import { seconds, table, verdict } from './report-parts';
import { percentile } from './statistics';

export interface ConcurrentRuns {
  readonly atOnce: number;
  readonly failed: number;
  /** From the first start to the last end, in seconds. */
  readonly wall: number;
  /** Of one run, from its start to its end, in seconds. */
  readonly p50: number;
  readonly slowest: number;
}

const sizes = [1, 10, 50] as const;

/** Runs that make a machine each, so many at once, every one approved as soon as it asks. */
export const measureConcurrentRuns = async (
  bench: BenchPlatform,
  { note, line }: { note: (text: string) => void; line: (text: string) => void },
): Promise<readonly ConcurrentRuns[]> => {
  const target = localTarget(bench);
  const runAtOnce = async (atOnce: number, round: string): Promise<ConcurrentRuns> => {
    note(`${atOnce} at once`);
    const places = Array.from({ length: atOnce }, (_, index) => {
      const name = `once-${round}-${index}`;
      return { name, workspace: `bench/${name}` };
    });
    // All together are looked at as often as a single one.
    const lab = makeLab(target, intervalMs * atOnce);
    const began = performance.now();
    // One that comes to nothing, or whose page answers nobody, is a failed one, and does not hide the others.
    const settled = await Promise.allSettled(
      places.map((place) => lab.run('vm-provisioning', target.machine(place))),
    );
    const runs = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const reasons = settled.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []));
    for (const reason of new Set(reasons)) line(`${atOnce} at once: ${reason}`);
    const wall = (performance.now() - began) / 1000;
    await Promise.all(places.map(({ workspace }) => removeHosts(bench, workspace)));
    const all = runs.map((run) => run.seconds);
    return {
      atOnce,
      failed: reasons.length + runs.filter(({ report }) => report.outcome !== 'applied').length,
      wall,
      p50: percentile(all, 0.5),
      slowest: Math.max(...all),
    };
  };
  // Starts every function; not counted.
  await runAtOnce(1, 'warm');
  const measured: ConcurrentRuns[] = [];
  for (const atOnce of sizes) measured.push(await runAtOnce(atOnce, String(atOnce)));
  return measured;
};

const share = ({ wall, atOnce }: ConcurrentRuns): number => wall / atOnce;

export const describeConcurrentRuns = (figures: readonly ConcurrentRuns[]): string => {
  const failed = figures.reduce((sum, one) => sum + one.failed, 0);
  const [, few, many] = figures;
  const ratio = few && many ? share(many) / share(few) : Number.NaN;
  return `## Runs at once

\`vm-provisioning\` with a machine of its own and the role \`baseline\`, approved as soon as it asks, so many started at the same
moment. The tools of all share the cores, so each takes longer; what one run costs the machine is its share of the whole time.

${table(
  ['runs at once', 'failed', 'all of them', 'share of one', 'one run, p50', 'the slowest'],
  figures.map((one) => [
    String(one.atOnce),
    String(one.failed),
    seconds(one.wall),
    seconds(share(one)),
    seconds(one.p50),
    seconds(one.slowest),
  ]),
)}

Aim: none fails: ${verdict(failed === 0)}; the share of one is flat, ${many?.atOnce} against ${few?.atOnce} at once ≤ 1.15×: ${ratio.toFixed(2)}×, ${verdict(ratio <= 1.15)}.`;
};
